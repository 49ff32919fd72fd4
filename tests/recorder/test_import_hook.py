import importlib
import importlib.util
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from groqtape.recorder.import_hook import OnImport

Write = Callable[[str, str], str]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Write a module that can be imported in this test alone."""
    before = set(sys.modules)
    finders = list(sys.meta_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def write(name: str, source: str) -> str:
        path = tmp_path / f"{name.replace('.', '/')}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(source, encoding="utf-8")
        importlib.invalidate_caches()
        return name

    yield write
    for name in set(sys.modules) - before:
        del sys.modules[name]
    assert sys.meta_path == finders, "a finder was left behind"


def test_it_calls_back_right_after_the_import_and_once(write: Write) -> None:
    name = write("late_one", "value = 7")
    seen: list[int] = []
    OnImport(name, lambda: seen.append(sys.modules[name].value))
    assert seen == []
    assert name not in sys.modules
    importlib.import_module(name)
    assert seen == [7]
    del sys.modules[name]
    importlib.import_module(name)
    assert seen == [7]


def test_it_calls_back_at_once_if_the_module_is_there(write: Write) -> None:
    seen: list[str] = []
    OnImport("json", lambda: seen.append("json")).cancel()
    assert seen == ["json"]


def test_other_modules_are_none_of_its_business(write: Write) -> None:
    name, other = write("late_two", ""), write("late_other", "")
    seen: list[str] = []
    waiting = OnImport(name, lambda: seen.append(name))
    importlib.import_module(other)
    assert seen == []
    waiting.cancel()


def test_it_waits_no_longer_when_cancelled(write: Write) -> None:
    name = write("late_three", "")
    seen: list[str] = []
    waiting = OnImport(name, lambda: seen.append(name))
    waiting.cancel()
    waiting.cancel()
    importlib.import_module(name)
    assert seen == []


def test_it_waits_no_longer_when_cancelled_while_the_module_runs(write: Write) -> None:
    name = write("late_four", "import late_canceller; late_canceller.waiting.cancel()")
    write("late_canceller", "")
    seen: list[str] = []
    waiting = OnImport(name, lambda: seen.append(name))
    vars(importlib.import_module("late_canceller"))["waiting"] = waiting
    importlib.import_module(name)
    assert seen == []


def test_to_be_looked_for_is_not_to_be_imported(write: Write) -> None:
    """Many ask with `find_spec` whether a module is installed; that must not use the callback up."""
    name = write("late_five", "")
    seen: list[str] = []
    OnImport(name, lambda: seen.append(name))
    for _ in range(2):
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.name == name
    assert seen == []
    importlib.import_module(name)
    assert seen == [name]


def test_a_failed_import_does_not_count(write: Write) -> None:
    name = write("late_six", "raise RuntimeError('not today')")
    seen: list[str] = []
    OnImport(name, lambda: seen.append(name))
    with pytest.raises(RuntimeError, match="not today"):
        importlib.import_module(name)
    assert seen == []
    write("late_six", "value = 1")
    importlib.import_module(name)
    assert seen == [name]


def test_a_module_that_does_not_exist_is_missing_as_ever(write: Write) -> None:
    seen: list[str] = []
    waiting = OnImport("late_nowhere", lambda: seen.append("late_nowhere"))
    with pytest.raises(ModuleNotFoundError, match="late_nowhere"):
        importlib.import_module("late_nowhere")
    assert seen == []
    waiting.cancel()


def test_a_module_whose_import_is_blocked_is_not_there(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "late_blocked", None)
    seen: list[str] = []
    waiting = OnImport("late_blocked", lambda: seen.append("late_blocked"))
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("late_blocked")
    assert seen == []
    waiting.cancel()


def test_a_folder_without_code_is_imported_as_ever(write: Write, tmp_path: Path) -> None:
    (tmp_path / "late_namespace").mkdir()
    importlib.invalidate_caches()
    waiting = OnImport("late_namespace", lambda: None)
    assert importlib.import_module("late_namespace").__path__
    waiting.cancel()


def test_the_module_is_as_if_nobody_had_waited(write: Write) -> None:
    name, twin = write("late_seven", "value = __loader__.path"), write("late_eight", "")
    OnImport(name, lambda: None)
    watched, plain = importlib.import_module(name), importlib.import_module(twin)
    assert type(watched.__loader__) is type(plain.__loader__)
    assert watched.__spec__ is not None
    assert watched.__spec__.loader is watched.__loader__
    assert watched.value == watched.__file__, "the loader works as such while the module runs"
    assert importlib.reload(watched) is watched


def test_a_module_that_hides_its_spec(write: Write) -> None:
    name = write("late_nine", "__spec__ = None")
    seen: list[str] = []
    OnImport(name, lambda: seen.append(name))
    importlib.import_module(name)
    assert seen == [name]


def test_a_module_inside_a_package(write: Write) -> None:
    write("late_package.__init__", "")
    name = write("late_package.inner", "")
    seen: list[str] = []
    OnImport(name, lambda: seen.append(name))
    importlib.import_module("late_package")
    assert seen == []
    importlib.import_module(name)
    assert seen == [name]


def test_two_that_wait_for_one_module(write: Write) -> None:
    name = write("late_ten", "")
    seen: list[str] = []
    OnImport(name, lambda: seen.append("first"))
    OnImport(name, lambda: seen.append("second"))
    importlib.import_module(name)
    assert sorted(seen) == ["first", "second"]


def test_the_callback_may_import_the_module_itself(write: Write) -> None:
    name = write("late_eleven", "")
    seen: list[object] = []
    OnImport(name, lambda: seen.append(importlib.import_module(name)))
    assert seen == [importlib.import_module(name)]


def test_an_import_in_another_thread(write: Write) -> None:
    name = write("late_twelve", "")
    seen: list[int] = []
    OnImport(name, lambda: seen.append(threading.get_ident()))
    thread = threading.Thread(target=importlib.import_module, args=[name])
    thread.start()
    thread.join()
    assert len(seen) == 1
