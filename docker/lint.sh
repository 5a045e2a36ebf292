#!/bin/sh
# No container engine is needed: the files must parse, and what they copy and run must exist.
set -eu
cd "$(dirname "$0")/.."
.venv/bin/python - <<'PY'
import pathlib, re, yaml
compose = yaml.safe_load(pathlib.Path("docker/compose.yaml").read_text())
for name, service in compose["services"].items():
    build = service.get("build")
    if build:
        assert (pathlib.Path("docker") / build["context"] / build["dockerfile"]).is_file(), name
    for other in service.get("depends_on", {}):
        assert other in compose["services"], f"{name} waits for unknown {other}"
lines = pathlib.Path("docker/Dockerfile").read_text().splitlines()
steps = [line for line in lines if line and not line.startswith(("#", " "))]
known = {"FROM", "RUN", "WORKDIR", "COPY", "USER", "ENV", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"}
assert steps[0].startswith("FROM "), "the first step names the base image"
for step in steps:
    assert step.split()[0] in known, step
for source in (word for step in steps if step.startswith("COPY") and "--from" not in step for word in step.split()[1:-1]):
    assert pathlib.Path(source).exists(), source
users = [step for step in steps if step.startswith("USER")]
assert users and "root" not in users[-1], "the image must not run as root"
print("docker: ok")
PY
