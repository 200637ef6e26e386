"""What tests start from: a database where added migrations go on top, modules that are compiled once."""

from __future__ import annotations

from launcher import paths, testing


def tree(tmp_path, **texts):
    folder = tmp_path / "cases" / "migrations"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text)
    return tmp_path


def test_a_migration_that_was_added_leaves_the_others_as_they_were(tmp_path):
    before = testing.migration_digests(tree(tmp_path, first="one"))
    after = testing.migration_digests(tree(tmp_path, second="two"))
    assert before.items() <= after.items()
    assert before != after


def test_a_migration_that_was_changed_does_not(tmp_path):
    before = testing.migration_digests(tree(tmp_path, first="one"))
    after = testing.migration_digests(tree(tmp_path, first="another"))
    assert not before.items() <= after.items()


def test_another_server_or_other_packages_start_anew(tmp_path):
    lock = tmp_path / "dev.txt"
    lock.write_text("django==5.2")
    one = testing.base_digest("postgres://here/a", tmp_path)
    assert one != testing.base_digest("postgres://there/a", tmp_path)
    lock.write_text("django==5.3")
    assert one != testing.base_digest("postgres://here/a", tmp_path)


def test_a_note_that_cannot_be_read_counts_as_none(tmp_path):
    note = tmp_path / "template.json"
    assert testing._noted(note) == {}
    note.write_text('{"base": "x", "migr')
    assert testing._noted(note) == {}
    note.write_text('["base"]')
    assert testing._noted(note) == {}


def test_what_is_compiled_is_kept_outside_the_source_tree():
    found = paths.compiled_once({"PYTHONDONTWRITEBYTECODE": "1", "LANG": "C"})
    assert found == {"LANG": "C", "PYTHONPYCACHEPREFIX": str(paths.LOCAL / "compiled")}
