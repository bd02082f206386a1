"""What goes wrong from outside: killed processes, lost machines, full disks, wrong clocks."""
