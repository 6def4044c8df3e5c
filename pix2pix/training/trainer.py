"""The training loop: steps, learning rate, validation, saving, and stopping without losing anything."""

import contextlib
import math
import multiprocessing
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader
from tqdm import tqdm

from pix2pix.checkpoint.config import Config
from pix2pix.checkpoint.folder import is_finite
from pix2pix.data.images import to_uint8
from pix2pix.data.pairs import EpochBatches, Pairs
from pix2pix.evaluation.evaluate import measure
from pix2pix.inference.translator import Translator
from pix2pix.training.distributed import all_reduce_mean, any_rank, rank, world_size
from pix2pix.training.options import TrainingOptions
from pix2pix.training.run_folder import STATE_FILE, RunError, RunLogger, save_state, write_progress
from pix2pix.training.step import TrainingStep

# What a state keeps of the config: a run that began with a checkpoint goes on without it.
NETWORK_FIELDS = {"generator", "discriminator", "image_range", "norm_statistics", "values_a", "values_b"}


def learning_rate_factor(step: int, constant: int, decaying: int) -> float:
    """Return 1 for `constant` steps, then a straight line to 0 over `decaying` steps (paper 3.3 and the authors' code)."""
    return 1.0 if step < constant else max(0.0, 1.0 - (step - constant + 1) / (decaying + 1))


class Interrupts:
    """While entered, the first SIGINT or SIGTERM only sets `requested`; a second one ends the process as usual."""

    def __init__(self) -> None:
        self.requested = False

    def __enter__(self) -> "Interrupts":
        self._previous = {number: signal.signal(number, self._note) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def _note(self, number: int, frame: Any) -> None:
        self.requested = True
        self._restore()

    def _restore(self) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def __exit__(self, *error: object) -> None:
        self._restore()


@dataclass(frozen=True)
class Validation:
    """The held-out pairs, (input, truth), size x size x 3 uint8: the first to measure on while training, and all at the end."""

    folders: list[Path]
    pairs: list[tuple[np.ndarray, np.ndarray]]
    count: int
    read_all: Callable[[], Iterable[tuple[np.ndarray, np.ndarray]]]


class Trainer:
    """Trains `step` on `pairs` as `options` say, from whatever step it is at, and writes the checkpoint with `export`.

    `config` describes the networks of `step`. Everything random in step n is drawn from (seed, n, rank), so a run that was
    stopped and resumed gives the numbers of one that was not, bit for bit on a CPU.
    """

    def __init__(
        self,
        options: TrainingOptions,
        config: Config,
        step: TrainingStep,
        pairs: Pairs,
        validation: Validation,
        export: Callable[["Trainer"], None],
    ):
        self.options, self.config, self.step, self.pairs = options, config, step, pairs
        self.validation, self.export, self.folder = validation, export, options.run_folder
        self.done = 0
        self.steps_per_epoch = self._sampler().steps_per_epoch * options.echo
        self.constant_steps = options.epochs * self.steps_per_epoch
        self.decay_steps = options.decay_epochs * self.steps_per_epoch
        self.total_steps = self.constant_steps + self.decay_steps
        self.seconds = 0.0
        # Losses added up since the last row of the history, over this many steps.
        self.sums: dict[str, float] = {}
        self.summed = 0
        # The means in that row.
        self.latest: dict[str, float] = {}

    @property
    def epoch(self) -> float:
        """How many epochs are done."""
        return self.done / self.steps_per_epoch

    def state_dict(self) -> dict[str, Any]:
        """Return everything that a resumed run goes on from."""
        return {
            "done": self.done,
            "precision": vars(self.step.precision),
            "seconds": self.seconds,
            "sums": self.sums,
            "summed": self.summed,
            "order": self._order(),
            "networks": self.config.model_dump(include=NETWORK_FIELDS),
            "step": self.step.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what `state_dict` gave. Raise RunError if it is of other networks or of pairs in another order."""
        order = self._order()
        if state["order"] != order:
            kept, here = (_describe_order(*numbers) for numbers in (state["order"], order))
            raise RunError(f"the run was made with {kept}, not with {here}: it cannot be resumed with others.")
        self.done, self.seconds = state["done"], state["seconds"]
        self.sums, self.summed = state.get("sums", {}), state.get("summed", 0)  # the first runs did not keep them
        try:
            self.step.load_state_dict(state["step"])
        except (RuntimeError, ValueError, LookupError, TypeError, AttributeError):
            raise RunError("the saved state is of other networks or another objective: resume the run as it was.") from None
        if self.options.resumed_by and self.done < self.total_steps:  # what it changed is part of how the model was made
            command = f"{self.options.command}\n{self.options.resumed_by}"
            self.options = self.options.model_copy(update={"command": command})

    def _order(self) -> list[int]:
        """Return what the order of the pairs depends on, besides the seed."""
        order = [len(self.pairs), self.options.batch, world_size()]
        return order if self.options.echo == 1 else [*order, self.options.echo]

    def _sampler(self) -> EpochBatches:
        start = self.done // self.options.echo
        return EpochBatches(len(self.pairs), self.options.batch, self.options.seed, start, rank(), world_size())

    def _batches(self) -> Iterator[list[torch.Tensor]]:
        workers = self.options.workers
        loader = DataLoader(
            self.pairs,
            batch_sampler=self._sampler(),
            num_workers=workers,
            pin_memory=self.step.device.type == "cuda",
            prefetch_factor=4 if workers else None,
            worker_init_fn=_leave_signals_to_the_parent,
        )
        return iter(loader)

    def train(self) -> bool:
        """Run to the end (True) or until interrupted (False). Either way the state is saved; at the end the model is exported."""
        if self.done >= self.total_steps:
            if rank() == 0:
                self._finish()
            return True
        with Interrupts() as interrupts, self._loading() as batches, self._reporting() as report, self._rescuing():
            stop = False
            batch: list[torch.Tensor] = []
            while self.done < self.total_steps and not stop:
                begin = time.perf_counter()
                if not batch or self.done % self.options.echo == 0:
                    batch = next(batches)
                rate = self.options.learning_rate * learning_rate_factor(self.done, self.constant_steps, self.decay_steps)
                self.step.set_learning_rate(rate)
                torch.manual_seed((self.options.seed * 1_000_003 + self.done * world_size() + rank()) % 2**63)
                self._add_up(self.step(*batch))
                self.done += 1
                self.seconds += time.perf_counter() - begin
                stop = any_rank(interrupts.requested, self.step.device)
                report(rate, stop)
        return self.done == self.total_steps

    def _add_up(self, losses: dict[str, torch.Tensor]) -> None:
        """Add the losses of a step to the sums of the next history row. Raise RunError if one is not finite."""
        names = sorted(losses)
        values = all_reduce_mean(torch.stack([losses[name] for name in names])).tolist()
        if not all(map(math.isfinite, values)):
            wrong = ", ".join(f"{name}={value}" for name, value in zip(names, values, strict=True))
            raise self._diverged(f"the loss is no longer finite at step {self.done + 1} ({wrong})")
        self.summed += 1
        for name, value in zip(names, values, strict=True):
            self.sums[name] = self.sums.get(name, 0.0) + value

    @contextlib.contextmanager
    def _loading(self) -> Iterator[Iterator[list[torch.Tensor]]]:
        """The batches, whose loading processes end with the block: they ignore SIGTERM, so a failed run would wait for them."""
        others = set(multiprocessing.active_children())
        batches = self._batches()
        try:
            yield batches
        finally:
            if self.options.workers:
                # What torch does when nobody holds the iterator any more: after an error, its traceback would.
                batches._shutdown_workers()  # type: ignore[attr-defined]
            for process in set(multiprocessing.active_children()) - others:
                process.kill()

    @contextlib.contextmanager
    def _rescuing(self) -> Iterator[None]:
        """Save what was trained when something fails that nobody foresaw, and say so in a sentence. Raise RunError or OSError."""
        try:
            yield
        except RunError:
            raise
        except Exception as error:
            with contextlib.suppress(Exception):  # after some faults of a GPU nothing can be read from it
                if rank() == 0:
                    self._save()
            if isinstance(error, OSError):
                raise
            reason = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no more is known'}"
            if isinstance(error, torch.OutOfMemoryError) or "not enough memory" in reason or "can't allocate memory" in reason:
                raise RunError(
                    f"out of memory after step {self.done}: a smaller --batch, --size, --ngf or --ndf needs less."
                ) from error
            kept = (self.folder / STATE_FILE).exists()
            saved = f"--resume {self.options.name} goes on from what was saved" if kept else "nothing was saved"
            raise RunError(f"stopped after step {self.done} by {reason[:300]}; {saved}.") from error

    @contextlib.contextmanager
    def _reporting(self) -> Iterator[Callable[[float, bool], None]]:
        """Yield a function that reports a step on the first process: progress bar, history, samples, measures, state, exports."""
        if rank() != 0:
            yield lambda rate, stop: None
            return
        logger = RunLogger(self.folder, self.done)
        bar = tqdm(total=self.total_steps, initial=self.done, unit="step", dynamic_ncols=True, smoothing=0.05)
        logged, since_log, since_save = self.done, time.perf_counter(), time.perf_counter()

        def report(rate: float, stop: bool) -> None:
            nonlocal logged, since_log, since_save
            bar.update()
            last = self.done == self.total_steps
            if self.done % self.options.log_every == 0 or last:
                speed = (self.done - logged) * self.options.batch * world_size() / (time.perf_counter() - since_log)
                bar.set_postfix_str(self._log(logger, rate, speed))
                logged, since_log = self.done, time.perf_counter()
            if self.validation.pairs and (last or self._due(self.options.validate_every)):
                measured = measure(self.translator(), self.validation.pairs).result()
                logger.log(self.done, self.epoch, {f"val_{name}": value for name, value in measured.items()})
            # After the history, which no later step makes up for, and before the pictures, which may fail.
            if last or stop or time.perf_counter() - since_save > 60 * self.options.save_minutes:
                self._save()
                since_save = time.perf_counter()
            if last or stop or self._due(self.options.sample_every):
                self._log_samples(logger)
            if last:
                self._finish()
            elif self._due(self.options.export_every):
                self.export(self)

        with contextlib.closing(logger), bar:
            yield report

    def _log(self, logger: RunLogger, rate: float, speed: float) -> str:
        """Write the mean losses since the last row, and return them as the progress bar shows them."""
        means = {name: total / self.summed for name, total in self.sums.items()}
        logger.log(self.done, self.epoch, {**means, "learning_rate": rate, "pictures_per_second": speed})
        left = (self.total_steps - self.done) * self.options.batch * world_size() / speed
        self.latest = means
        self._write_progress(left)
        self.sums, self.summed = {}, 0
        return " ".join(f"{name} {value:.3f}" for name, value in means.items()) + f" {speed:.1f} pictures/s"

    def _write_progress(self, seconds_left: float, finished: bool = False) -> None:
        """Write progress.json."""
        place = {"step": self.done, "total": self.total_steps, "epoch": self.epoch}
        write_progress(self.folder, **place, seconds_left=seconds_left, finished=finished, **self.latest)

    def _finish(self) -> None:
        """Export. Only then is the run finished for those who watch it: the model is there."""
        self.export(self)
        self._write_progress(0.0, finished=True)

    def _save(self) -> None:
        """Keep the state, unless the step that just ended broke the weights, which its own losses cannot show."""
        if not all(map(is_finite, self.step.generator.parameters())):
            raise self._diverged(f"the generator's weights are no longer finite at step {self.done}")
        save_state(self.folder, self.state_dict())

    def _diverged(self, what: str) -> RunError:
        kept = (self.folder / STATE_FILE).exists()
        saved = f"The last good state is kept in {self.folder}: resume it" if kept else "No state was saved before: start again"
        return RunError(f"{what}. {saved} with a lower --learning-rate or with --precision fp32.")

    def _due(self, epochs: int) -> bool:
        """Return whether an epoch just ended whose number is a multiple of `epochs`; 0 is never."""
        return epochs > 0 and self.done % (epochs * self.steps_per_epoch) == 0

    def translator(self) -> Translator:
        """Return the generator as it is now, ready to translate."""
        return Translator(
            self.step.best_generator,
            self.config.generator.levels,
            norm_statistics=self.config.norm_statistics,
            device=self.step.device,
            precision=self.step.precision,
            image_range=self.config.image_range,
        )

    def shown(self, count: int = 4) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return the (input, truth) pictures of the sample grids: the first held out, or of the training set without any."""
        if self.validation.pairs:
            return self.validation.pairs[:count]
        pairs = [self.pairs[(0, index)] for index in range(min(count, len(self.pairs)))]
        return [(to_uint8(a), to_uint8(b)) for a, b in pairs]

    def _log_samples(self, logger: RunLogger) -> None:
        translator = self.translator()
        logger.log_samples(self.done, [[a, translator.translate(a), b] for a, b in self.shown()])


def _describe_order(pairs: int, batch: int, processes: int, echo: int = 1) -> str:
    return f"{pairs} pairs, batch {batch}, {processes} process(es)" + (f", echo {echo}" if echo > 1 else "")


def _leave_signals_to_the_parent(worker: int) -> None:
    # Ctrl-C reaches every process of the terminal, and a service manager's SIGTERM every process of the service: a
    # loading process that died of it would fail the step being finished. It ends when its parent does.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    torch.set_num_threads(1)
