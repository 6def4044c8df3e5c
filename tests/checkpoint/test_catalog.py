"""The catalog: which folders it lists, and which model stands for a task."""

from pix2pix.checkpoint import catalog
from pix2pix.checkpoint.catalog import list_entries, tasks
from tests.helpers.making import write_checkpoint


def test_entries_are_the_folders_by_name(tmp_path):
    for name in ("b", "a"):
        write_checkpoint(tmp_path / name)
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "notes.txt").touch()
    assert [entry.name for entry in list_entries(tmp_path)] == ["a", "b"]
    assert list_entries(tmp_path / "nowhere") == []


def test_a_repaired_or_newly_broken_folder_is_noticed(tmp_path):
    folder = write_checkpoint(tmp_path / "demo")
    whole = (folder / "model.safetensors").read_bytes()
    assert not list_entries(tmp_path)[0].error
    (folder / "model.safetensors").write_bytes(whole[:-1])
    assert "damaged" in list_entries(tmp_path)[0].error
    (folder / "model.safetensors").write_bytes(whole)
    assert not list_entries(tmp_path)[0].error
    write_checkpoint(folder, notes="new")
    assert list_entries(tmp_path)[0].config.notes == "new"


def test_tasks_prefer_the_folder_named_after_them(tmp_path):
    for name, objective in (("demo", "l1+cgan"), ("a-demo", "l1+cgan"), ("zz", "l1+cgan"), ("demo-l1", "l1"), ("demo-x", "l1")):
        write_checkpoint(tmp_path / name, objective=objective)
    write_checkpoint(tmp_path / "other", task="other")
    found = tasks(list_entries(tmp_path))
    assert {task: {objective: entry.name for objective, entry in found[task].items()} for task in found} == {
        "demo": {"l1+cgan": "demo", "l1": "demo-l1"},
        "other": {"l1+cgan": "other"},
    }


def test_whatever_one_folder_holds_the_others_are_offered(tmp_path, monkeypatch):
    write_checkpoint(tmp_path / "good")
    write_checkpoint(tmp_path / "odd")
    real = catalog.check_folder

    def check(folder):
        if folder.name == "odd":
            raise RuntimeError("nobody thought of this")
        return real(folder)

    monkeypatch.setattr(catalog, "check_folder", check)
    catalog._entry.cache_clear()
    good, odd = list_entries(tmp_path)
    catalog._entry.cache_clear()
    assert good.config is not None
    assert (odd.config, odd.error) == (None, "odd cannot be read (RuntimeError)")
