import importlib
import importlib.util
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from groqtape.recorder.import_hook import ImportHook

Write = Callable[[str, str], str]
HOOKS: list[ImportHook] = []


def on_import(name: str, callback: Callable[[], object]) -> ImportHook:
    """A hook for one module, which is removed when the test is over."""

    def imported(module: str) -> None:
        assert module == name
        callback()

    HOOKS.append(ImportHook([name], imported))
    HOOKS[-1].install()
    return HOOKS[-1]


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
    for hook in HOOKS:
        hook.remove()
    HOOKS.clear()
    for name in set(sys.modules) - before:
        del sys.modules[name]
    assert sys.meta_path == finders, "a finder was left behind"


def test_it_calls_back_right_after_each_import(write: Write) -> None:
    name = write("hooked_one", "value = 7")
    seen: list[int] = []
    on_import(name, lambda: seen.append(sys.modules[name].value))
    assert seen == []
    assert name not in sys.modules
    importlib.import_module(name)
    assert seen == [7]
    importlib.import_module(name)
    assert seen == [7], "it was imported already"
    del sys.modules[name]
    importlib.import_module(name)
    assert seen == [7, 7]
    importlib.reload(sys.modules[name])
    assert seen == [7, 7, 7]


def test_it_ignores_other_modules(write: Write) -> None:
    name, other = write("hooked_two", ""), write("hooked_other", "")
    seen: list[str] = []
    hook = on_import(name, lambda: seen.append(name))
    importlib.import_module(other)
    assert seen == []
    hook.remove()


def test_it_calls_back_no_more_when_removed(write: Write) -> None:
    name = write("hooked_three", "")
    seen: list[str] = []
    hook = on_import(name, lambda: seen.append(name))
    hook.remove()
    hook.remove()
    importlib.import_module(name)
    assert seen == []


def test_it_calls_back_no_more_when_removed_while_the_module_runs(write: Write) -> None:
    name = write("hooked_four", "import hooked_remover; hooked_remover.hook.remove()")
    write("hooked_remover", "")
    seen: list[str] = []
    hook = on_import(name, lambda: seen.append(name))
    vars(importlib.import_module("hooked_remover"))["hook"] = hook
    importlib.import_module(name)
    assert seen == []


def test_finding_a_module_is_not_importing_it(write: Write) -> None:
    """Code may call `find_spec` only to see whether a module is installed."""
    name = write("hooked_five", "")
    seen: list[str] = []
    on_import(name, lambda: seen.append(name))
    for _ in range(2):
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.name == name
    assert seen == []
    importlib.import_module(name)
    assert seen == [name]


def test_a_failed_import_does_not_count(write: Write) -> None:
    name = write("hooked_six", "raise RuntimeError('not today')")
    seen: list[str] = []
    on_import(name, lambda: seen.append(name))
    with pytest.raises(RuntimeError, match="not today"):
        importlib.import_module(name)
    assert seen == []
    write("hooked_six", "value = 1")
    importlib.import_module(name)
    assert seen == [name]


def test_a_module_that_does_not_exist_is_missing_as_usual(write: Write) -> None:
    seen: list[str] = []
    hook = on_import("hooked_nowhere", lambda: seen.append("hooked_nowhere"))
    with pytest.raises(ModuleNotFoundError, match="hooked_nowhere"):
        importlib.import_module("hooked_nowhere")
    assert seen == []
    hook.remove()


def test_a_module_whose_import_is_blocked_is_not_there(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hooked_blocked", None)
    seen: list[str] = []
    hook = on_import("hooked_blocked", lambda: seen.append("hooked_blocked"))
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("hooked_blocked")
    assert seen == []
    hook.remove()


def test_a_folder_without_code_is_imported_as_usual(write: Write, tmp_path: Path) -> None:
    (tmp_path / "hooked_namespace").mkdir()
    importlib.invalidate_caches()
    hook = on_import("hooked_namespace", lambda: None)
    assert importlib.import_module("hooked_namespace").__path__
    hook.remove()


def test_the_module_is_as_if_there_were_no_hook(write: Write) -> None:
    name, twin = write("hooked_seven", "value = __loader__.path"), write("hooked_eight", "")
    on_import(name, lambda: None)
    watched, plain = importlib.import_module(name), importlib.import_module(twin)
    assert type(watched.__loader__) is type(plain.__loader__)
    assert watched.__spec__ is not None
    assert watched.__spec__.loader is watched.__loader__
    assert watched.value == watched.__file__, "the loader works as such while the module runs"
    assert importlib.reload(watched) is watched


def test_a_module_that_hides_its_spec(write: Write) -> None:
    name = write("hooked_nine", "__spec__ = None")
    seen: list[str] = []
    on_import(name, lambda: seen.append(name))
    importlib.import_module(name)
    assert seen == [name]


def test_a_module_inside_a_package(write: Write) -> None:
    write("hooked_package.__init__", "")
    name = write("hooked_package.inner", "")
    seen: list[str] = []
    on_import(name, lambda: seen.append(name))
    importlib.import_module("hooked_package")
    assert seen == []
    importlib.import_module(name)
    assert seen == [name]


def test_two_hooks_for_one_module(write: Write) -> None:
    name = write("hooked_ten", "")
    seen: list[str] = []
    on_import(name, lambda: seen.append("first"))
    on_import(name, lambda: seen.append("second"))
    importlib.import_module(name)
    assert sorted(seen) == ["first", "second"]


def test_the_callback_may_import_the_module_itself(write: Write) -> None:
    name = write("hooked_eleven", "")
    seen: list[object] = []
    on_import(name, lambda: seen.append(importlib.import_module(name)))
    assert seen == [importlib.import_module(name)]


def test_an_import_in_another_thread(write: Write) -> None:
    name = write("hooked_twelve", "")
    seen: list[int] = []
    on_import(name, lambda: seen.append(threading.get_ident()))
    thread = threading.Thread(target=importlib.import_module, args=[name])
    thread.start()
    thread.join()
    assert len(seen) == 1
