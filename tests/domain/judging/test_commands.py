import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.judging import commands
from domain.judging.commands import classify, has_side_effects, is_check
from domain.judging.programs import CommandClass

READING = """ls -la
cat README.md
head -5 a.txt
tail -f log
less a
grep -rn "x > y" src
rg --files
find . -name '*.py' -not -path './node/*'
pwd
echo hello
which python
wc -l a
diff a b
stat a
file a
tree -L 2
env
date
git status
git log --oneline -5
git diff HEAD~1
git show abc123
git branch
git branch -a
git branch --show-current
git blame a.py
git -C ../other --no-pager log -p
git stash list
git remote -v
git tag
git config user.name
git config --get user.name
sed -n '1,20p' a.py
awk '$1 > 3 {print $2}' a
ls | sort | uniq -c | sort -rn | head
cd src && ls
cat a 2>/dev/null || true
FOO=bar ls
env FOO=bar ls
sudo cat /etc/hosts
timeout 5 ls
xargs -n 1 grep x
bash -c 'ls | wc -l'
find . -exec grep x {} \\;
node --version
cargo --version
gh pr view 12 --json title
gh api repos/o/r/pulls
npm ls
docker ps
go env GOPATH
[ -f a ] && cat a
for f in *.md; do wc -l "$f"; done
cat <<EOF | grep x
Get-Content a.txt | Select-String x""".splitlines()

CHANGING = """rm -rf build
mv a b
cp a b
mkdir -p x/y
touch a
chmod +x a
echo hi > a.txt
echo hi >> a.txt
cat <<EOF > a
printf x | tee a.txt
sed -i 's/a/b/' f
sed -i.bak s/a/b/ f
find . -name '*.pyc' -delete
find . -exec rm {} +
find . -type f | xargs rm
awk '{print > "out"}' a
sort -o a a
git add -A
git stash
git merge main
git rebase main
git branch -D old
git branch new
git tag v1
git remote add o url
git config user.name Ada
git reflog expire --all
npm install
pip install x
npm run deploy
npm run lint:fix
make clean
make deploy
curl -X POST http://x
python script.py
python -c 'print(1)'
./run.sh
docker run x
bash script.sh
bash -c 'rm a'
eval "rm a"
sudo rm a
env FOO=1 rm a
FOO=1 rm a
nohup rm a
ls && rm a
ls; rm a
rm a && ls
ls $(rm a)
ls `rm a`
(cd x; rm a)
if true; then rm a; fi
ruff format .
ruff check --fix .
eslint --fix src
prettier --write .
black .
gofmt -w .
npm ci && npm test
npm test && rm -rf tmp
pytest > out.txt
gh pr create
gh api -X POST repos/o/r/issues
unknown-program""".splitlines()

CHECKS = {
    CommandClass.TEST: """pytest
pytest -q tests/test_a.py::test_b
python -m pytest
python3.11 -m unittest discover
.venv/bin/pytest
uv run pytest -x
uv run --with x pytest
poetry run pytest
coverage run -m pytest
tox -e py311
nox
npm test
npm t
npm run test:unit -- --watch=false
pnpm test
yarn test
bun test
npx jest src
npx --yes vitest run
node_modules/.bin/jest
node node_modules/jest/bin/jest.js
npx playwright test
deno test
go test ./...
CGO_ENABLED=0 go test ./...
cargo test --all
cargo nextest run
make test
make -C sub -j 8 test V=1
make check
just test
mise run test -- -run X
rake spec
bundle exec rspec
bin/rails test
vendor/bin/phpunit
php artisan test
composer test
mvn clean test
mvn -q verify
./mvnw test -Dtest=A
gradle test
./gradlew :app:testDebugUnitTest
dotnet test
swift test
ctest --output-on-failure
bats test
mix test
sbt "testOnly a.B"
flutter test
bazel test //...
python manage.py test
cd app && npm test
cd app && npm test 2>&1 | tail -20
npm test || true
npm test; echo "exit $?"
npm install && npm test
set -e; export A=1; pytest
timeout 60 npm test
time pytest
(cd sub && pytest)
bash -lc "cd app && pytest"
pytest | tee out.txt""".splitlines(),
    CommandClass.LINT: """ruff check .
ruff check --fix .
ruff format --check
eslint src
npx eslint src --ext .ts
flake8
pylint a
black --check .
prettier --check .
prettier -c .
gofmt -l .
go vet ./...
golangci-lint run
cargo clippy -- -D warnings
cargo fmt --check
rubocop
shellcheck a.sh
npm run lint
yarn lint
make lint
pre-commit run --all-files
terraform validate
npm run format:check""".splitlines(),
    CommandClass.TYPE_CHECK: """mypy src
python -m mypy src
pyright
tsc
tsc --noEmit
npx tsc --noEmit -p .
npx vue-tsc
npm run typecheck
npm run type-check
pnpm run check-types
cargo check
make typecheck
phpstan analyse""".splitlines(),
    CommandClass.BUILD: """npm run build
yarn build
vite build
next build
webpack
go build ./...
cargo build --release
make
make all
cmake --build build
ninja
mvn package
mvn clean install -DskipTests
./gradlew assembleDebug -x test
gradle clean build
dotnet build
docker build -t x .
swift build
javac A.java
python -m build
tsup""".splitlines(),
}

ON_GIT = [
    ("git commit -m 'a; b'", CommandClass.COMMIT),
    ("git add -A && git commit -m x", CommandClass.COMMIT),
    ("git commit -m \"$(cat <<'EOF'\nIt's > done\nEOF\n)\"", CommandClass.COMMIT),
    ("git commit -am x && git push", CommandClass.PUSH),
    ("git -C /x/y push origin main 2>&1 | tail", CommandClass.PUSH),
    ("git revert --no-edit abc", CommandClass.REVERT),
    ("git reset --hard HEAD~1", CommandClass.RESET),
    ("git checkout main", CommandClass.CHECKOUT),
    ("git switch -c topic", CommandClass.CHECKOUT),
    ("git restore a.py", CommandClass.RESTORE),
    ("git commit --dry-run", CommandClass.READ_ONLY),
    ("git", CommandClass.READ_ONLY),
]


@pytest.mark.parametrize("line", READING)
def test_reading_has_no_side_effects(line: str) -> None:
    assert (classify(line), has_side_effects(line)) == (CommandClass.READ_ONLY, False)


@pytest.mark.parametrize("line", CHANGING)
def test_anything_else_has_side_effects(line: str) -> None:
    assert has_side_effects(line)
    assert classify(line) is not CommandClass.READ_ONLY


@pytest.mark.parametrize(("kind", "line"), [(kind, line) for kind, lines in CHECKS.items() for line in lines])
def test_checks_are_told_apart(kind: CommandClass, line: str) -> None:
    assert classify(line) is kind
    assert is_check(line)


@pytest.mark.parametrize(
    "line", ["pytest -q", "npm run build", "mypy .", "ruff check .", "cd a && go test ./... | tail -3"]
)
def test_a_check_alone_has_no_side_effects(line: str) -> None:
    assert not has_side_effects(line)


@pytest.mark.parametrize(("line", "kind"), ON_GIT)
def test_acts_on_git(line: str, kind: CommandClass) -> None:
    assert classify(line) is kind


def test_the_part_that_decides_is_the_last_that_does_more_than_read() -> None:
    assert classify("pytest && git commit -m x") is CommandClass.COMMIT
    assert classify("git pull && pytest; ls") is CommandClass.TEST
    assert classify("pytest; rm -rf tmp") is CommandClass.SIDE_EFFECT


def test_every_part_is_listed_in_order() -> None:
    kinds = [step.kind for step in commands.steps("cd a && git add . && git commit -m x && git push")]
    assert kinds == [CommandClass.READ_ONLY, CommandClass.SIDE_EFFECT, CommandClass.COMMIT, CommandClass.PUSH]


def test_an_empty_line_reads() -> None:
    assert classify("") is CommandClass.READ_ONLY


def test_every_call_of_git_in_a_line_is_read() -> None:
    line = (
        "cd x && git -C y restore a.py && ls; git checkout main b.py || git revert abc1234; git reset --hard def5678^"
    )
    assert commands.restored_paths(line) == ("a.py", "b.py")
    assert commands.restored_paths(line, "/w") == ("/w/x/y/a.py", "/w/x/b.py")
    assert commands.undone_commits(line) == ("abc1234", "def5678")


def test_removed_paths() -> None:
    assert commands.removed_paths("rm -f a.py 'b c.py' && git rm d.py; git rm --cached e.py; unlink f") == (
        "a.py",
        "b c.py",
        "f",
        "d.py",
    )


@given(st.text(alphabet=st.sampled_from("ab \n'\"\\$`;&|<>(){}=-")) | st.text())
def test_nothing_raises(line: str) -> None:
    assert classify(line) in CommandClass
    commands.restored_paths(line)
    commands.removed_paths(line)


@given(st.lists(st.sampled_from(READING[:12] + CHANGING[:7]), min_size=1))
def test_a_chain_only_reads_if_every_part_does(parts: list[str]) -> None:
    reads = all(part in READING for part in parts)
    assert (classify(" && ".join(parts)) is CommandClass.READ_ONLY) == reads
    assert has_side_effects("; ".join(parts)) != reads
