package org.alborz.tune;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.alborz.text.Given;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tries settings until enough were tried.
 *
 * <pre>{@code
 * Study study = Study.minimize(space)
 *         .strategy(new BayesianSearch(1))
 *         .stop(new StopDivergence(), new Asha(1, 3))
 *         .storage(Path.of("trials.jsonl"))
 *         .build();
 * study.run(50, run -> validationLoss(run.settings(), run));
 * Trial best = study.best().orElseThrow();
 * }</pre>
 *
 * <p>With storage each trial is written when it has ended, and a study that is built with the same file goes on after the trials in it;
 * one that was interrupted is tried again. Several trials at a time have a thread each, so an objective opens a session of its own.
 */
public final class Study {
    private static final Logger log = LoggerFactory.getLogger(Study.class);

    /** Failures in a row after which the fault is in the objective, not in the settings. */
    private static final int MOST_FAILURES = 5;

    private final SearchSpace space;
    private final Direction direction;
    private final String description;
    private final Strategy strategy;
    private final List<StoppingRule> rules;
    private final int parallel;
    private final Consumer<Trial> listener;
    private final TrialFile file;

    /** By number; guarded by this, as all below. */
    private final Map<Integer, Trial> trials = new TreeMap<>();

    private int failures;
    private Throwable lastFailure;

    private Study(Builder builder) {
        space = builder.space;
        direction = builder.direction;
        description = builder.description;
        strategy = builder.strategy;
        rules = List.copyOf(builder.rules);
        parallel = builder.parallel;
        listener = builder.listener;
        file = builder.storage == null ? null : new TrialFile(builder.storage, header());
        read();
    }

    private synchronized void read() {
        if (file != null) {
            file.read(space).forEach(trial -> trials.put(trial.number(), trial));
        }
    }

    /** Starts a study of which small values are good. */
    public static Builder minimize(SearchSpace space) {
        return new Builder(space, Direction.MINIMIZE);
    }

    /** Starts a study of which large values are good. */
    public static Builder maximize(SearchSpace space) {
        return new Builder(space, Direction.MAXIMIZE);
    }

    private TrialFile.Header header() {
        return new TrialFile.Header(
                direction,
                description,
                space.toString(),
                strategy.toString(),
                rules.stream().map(StoppingRule::toString).toList());
    }

    /** Returns the trials that have ended, by number. */
    public synchronized List<Trial> trials() {
        return trials.values().stream()
                .filter(trial -> trial.state() != Trial.State.RUNNING)
                .toList();
    }

    /** Returns the best of the trials that ran to their end; empty where none did. */
    public Optional<Trial> best() {
        return direction.best(trials());
    }

    public SearchSpace space() {
        return space;
    }

    public Direction direction() {
        return direction;
    }

    /**
     * Runs trials until there are so many, stored ones included, or the strategy has no more.
     *
     * @return all trials, by number
     * @throws IllegalStateException when five trials in a row failed; the last failure is its cause
     */
    public List<Trial> run(int count, TrialObjective objective) {
        if (count < 1) {
            throw new IllegalArgumentException("A study expects at least 1 trial, got " + count);
        }
        synchronized (this) {
            failures = 0;
        }
        if (file == null) {
            workers(count, objective);
            return trials();
        }
        file.open();
        try {
            read(); // what another process has added since
            workers(count, objective);
        } finally {
            file.close();
        }
        return trials();
    }

    private void workers(int count, TrialObjective objective) {
        if (parallel == 1) {
            work(count, objective);
        } else {
            workInThreads(count, objective);
        }
    }

    private void workInThreads(int count, TrialObjective objective) {
        ExecutorService threads = Executors.newFixedThreadPool(parallel);
        try {
            List<Future<?>> workers = new ArrayList<>();
            for (int i = 0; i < parallel; i++) {
                workers.add(threads.submit(() -> work(count, objective)));
            }
            for (Future<?> worker : workers) {
                worker.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The study was interrupted; the trials that have ended are kept", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            if (e.getCause() instanceof Error cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            threads.shutdownNow();
            awaitEnd(threads);
        }
    }

    /** Waits for the trials that still run where another one has ended the study, so that they can be stored; an interrupt ends the wait. */
    private static void awaitEnd(ExecutorService threads) {
        boolean interrupted = Thread.interrupted(); // by which the study was ended
        try {
            threads.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void work(int count, TrialObjective objective) {
        for (TrialRun run = next(count); run != null; run = next(count)) {
            Trial trial;
            Throwable cause = null;
            try {
                trial = run.ended(objective.evaluate(run));
            } catch (TrialStoppedException e) {
                trial = run.ended(Double.NaN);
            } catch (InterruptedException e) {
                abandon(run);
                Thread.currentThread().interrupt();
                throw new IllegalStateException("The study was interrupted; the trials that have ended are kept", e);
            } catch (Exception | OutOfMemoryError e) {
                log.warn("Trial {} with {} failed: {}", run.number(), run.settings(), e.toString());
                log.debug("Trial {} failed", run.number(), e);
                cause = e;
                trial = run.failed(e);
            } catch (Throwable e) {
                abandon(run);
                throw e;
            }
            end(trial, cause);
        }
    }

    /** Returns the next trial, or null where there is none; waits where the strategy does. */
    private synchronized TrialRun next(int count) {
        while (true) {
            int number = 0;
            while (trials.containsKey(number)) {
                number++;
            }
            if (number >= count
                    || failures >= MOST_FAILURES
                    || Thread.currentThread().isInterrupted()) {
                return null;
            }
            Proposal proposal = strategy.next(space, direction, number, List.copyOf(trials.values()));
            if (proposal instanceof Proposal.Try settings) {
                TrialRun run = new TrialRun(this, number, settings);
                trials.put(number, run.running());
                return run;
            }
            boolean running = trials.values().stream().anyMatch(trial -> trial.state() == Trial.State.RUNNING);
            if (proposal instanceof Proposal.Done || !running) {
                return null;
            }
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return null;
            }
        }
    }

    synchronized Optional<String> reported(TrialRun run) {
        Trial trial = run.running();
        trials.put(trial.number(), trial);
        List<Trial> others = trials.values().stream()
                .filter(other -> other.number() != trial.number())
                .toList();
        return rules.stream()
                .map(rule -> rule.stop(direction, trial, others))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private synchronized void abandon(TrialRun run) {
        trials.remove(run.number());
        notifyAll();
    }

    private void end(Trial trial, Throwable cause) {
        synchronized (this) {
            trials.put(trial.number(), trial);
            failures = cause == null ? 0 : failures + 1;
            lastFailure = cause == null ? lastFailure : cause;
            if (file != null) {
                store(trial);
            }
            notifyAll();
            listener.accept(trial);
            if (failures >= MOST_FAILURES) {
                throw new IllegalStateException(
                        MOST_FAILURES + " trials in a row failed; the last by " + lastFailure, lastFailure);
            }
        }
    }

    /** Writes a trial, also in a thread that is interrupted, at which a channel would close. */
    private void store(Trial trial) {
        boolean interrupted = Thread.interrupted();
        try {
            file.append(trial);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Collects what a study consists of. */
    public static final class Builder {
        private final SearchSpace space;
        private final Direction direction;
        private final List<StoppingRule> rules = new ArrayList<>();
        private Strategy strategy = new RandomSearch(0);
        private int parallel = 1;
        private String description = "";
        private Path storage;
        private Consumer<Trial> listener = trial -> {};

        private Builder(SearchSpace space, Direction direction) {
            this.space = Given.value(space, "Study", "a search space");
            this.direction = direction;
        }

        /** Sets what chooses the settings; {@link RandomSearch} with seed 0 unless set. */
        public Builder strategy(Strategy value) {
            strategy = Given.value(value, "Study", "a strategy");
            return this;
        }

        /** Adds rules that end trials early. */
        public Builder stop(StoppingRule... more) {
            rules.addAll(List.of(more));
            return this;
        }

        /** Sets how many trials run at a time, a thread each; 1 unless set. */
        public Builder parallel(int trialsAtATime) {
            if (trialsAtATime < 1) {
                throw new IllegalArgumentException("parallel expects at least 1 trial at a time, got " + trialsAtATime);
            }
            parallel = trialsAtATime;
            return this;
        }

        /** Sets what the objective computes, in words; stored, and has to be the same when the study goes on. */
        public Builder description(String value) {
            description = Given.value(value, "Study", "a description");
            return this;
        }

        /** Stores the trials in a file, JSON by line, and goes on after those in it. */
        public Builder storage(Path path) {
            storage = Given.value(path, "Study", "a file for its trials");
            return this;
        }

        /** Sets what is told of each trial that has ended; one call at a time. */
        public Builder listener(Consumer<Trial> value) {
            listener = Given.value(value, "Study", "a listener");
            return this;
        }

        /**
         * Builds it, and reads the trials that are stored.
         *
         * @throws IllegalArgumentException when the file is damaged, or of a study with other settings
         * @throws java.io.UncheckedIOException when it cannot be read
         */
        public Study build() {
            return new Study(this);
        }
    }
}
