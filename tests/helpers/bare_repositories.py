"""Bare git repositories, written and read without a working copy."""

import subprocess
from pathlib import Path


class BareRepositories:
    """Repositories at `root`/kind/owner/name."""

    def __init__(self, root: Path):
        self.root = root

    def git(self, repo: Path, *arguments: str, feed: bytes | None = None) -> bytes:
        return subprocess.run(["git", "-C", repo, *arguments], input=feed, capture_output=True, check=True).stdout

    def create(self, kind: str, repo_id: str) -> Path:
        repo = self.root / kind / repo_id
        repo.mkdir(parents=True)
        self.git(repo, "init", "-q", "--bare", "-b", "main")
        self.commit(repo, {".gitattributes": b"*.safetensors -text\n"}, [])
        return repo

    def commit(self, repo: Path, added: dict[str, bytes], deleted: list[str]) -> str:
        parent = self.sha(repo, "main")
        stream = b"commit refs/heads/main\ncommitter ada <ada@example.org> now\ndata 1\nx"
        stream += f"\nfrom {parent}".encode() if parent else b""
        for path, content in added.items():
            stream += b"\nM 100644 inline %s\ndata %d\n%s" % (path.encode(), len(content), content)
        for path in deleted:
            stream += f"\nD {path}".encode()
        self.git(repo, "fast-import", "--quiet", "--date-format=now", feed=stream + b"\n")
        return self.sha(repo, "main")

    def sha(self, repo: Path, revision: str) -> str | None:
        try:
            return self.git(repo, "rev-parse", "--verify", "-q", f"{revision}^{{commit}}").decode().strip()
        except subprocess.CalledProcessError:
            return None

    def tree(self, repo: Path, revision: str) -> list[tuple[str, str, int]]:
        lines = self.git(repo, "ls-tree", "-r", "-l", "-z", revision).decode().split("\0")[:-1]
        return [(path, about.split()[2], int(about.split()[3])) for about, path in (line.split("\t") for line in lines)]

    def read(self, repo: Path, revision: str, path: str) -> bytes | None:
        try:
            return self.git(repo, "cat-file", "blob", f"{revision}:{path}")
        except subprocess.CalledProcessError:
            return None
