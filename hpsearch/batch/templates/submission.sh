#!/bin/bash
# Creates the study and submits the jobs that search it, as `hpsearch slurm … --submit` does.
set -euo pipefail
cd {{ settings.directory | quoted }}
{% for name, value in settings.environment.items() %}
export {{ name }}={{ value | quoted }}
{% endfor %}

# Here, where there is a network: looks at space, data and model, and creates the study.
{{ settings.program | joined }} {{ create | joined }}

mkdir -p {{ settings.folder.path | quoted }}
{% for job, script in scripts %}

cat >{{ settings.folder.script(job.name) | quoted }} <<'END_OF_JOB'
{{ script }}END_OF_JOB
{{ job.name | variable }}=$(sbatch --parsable
{%- for word, name in job.needs %}
{{ " --dependency=" if loop.first else "," }}{{ word }}:"${{ '{' }}{{ name | variable }}%%;*{{ '}' }}"
{%- endfor %} {{ settings.folder.script(job.name) | quoted }})
echo "{{ job.name }}: ${{ job.name | variable }}"
{% endfor %}
