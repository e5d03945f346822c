package org.alborz.train;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.alborz.distributed.Collective;
import org.alborz.distributed.LocalCollective;
import org.alborz.distributed.TcpCollective;
import org.alborz.distributed.TcpRendezvous;

/** Runs the ranks of a group as threads, each with a session of its own. */
final class RankThreads {
    static final Duration TIMEOUT = Duration.ofSeconds(30);

    private RankThreads() {}

    interface Work<T> {
        T of(Collective collective) throws Exception;
    }

    /** What a rank returned, or what it failed by. */
    record Outcome<T>(T result, Throwable failure) {
        T get() {
            if (failure != null) {
                throw new AssertionError("a rank failed", failure);
            }
            return result;
        }
    }

    /** Returns what every rank returned. */
    static <T> List<T> run(String kind, int size, Work<T> work) throws Exception {
        return outcomes(kind, size, work).stream().map(Outcome::get).toList();
    }

    static <T> List<Outcome<T>> outcomes(String kind, int size, Work<T> work) throws Exception {
        List<Collective> local = kind.equals("local") ? LocalCollective.group(size, TIMEOUT) : null;
        List<TcpRendezvous> remote = local != null ? null : TcpCollective.loopback(size);
        ExecutorService threads = Executors.newFixedThreadPool(size);
        try {
            List<Future<T>> futures = new ArrayList<>();
            for (int rank = 0; rank < size; rank++) {
                int own = rank;
                futures.add(threads.submit(() -> {
                    try (Collective collective = local != null
                            ? local.get(own)
                            : remote.get(own).callTimeout(TIMEOUT).join()) {
                        return work.of(collective);
                    }
                }));
            }
            List<Outcome<T>> outcomes = new ArrayList<>();
            for (Future<T> future : futures) {
                outcomes.add(outcome(future));
            }
            return outcomes;
        } finally {
            threads.shutdownNow();
        }
    }

    private static <T> Outcome<T> outcome(Future<T> future) throws InterruptedException {
        try {
            return new Outcome<>(future.get(), null);
        } catch (ExecutionException e) {
            return new Outcome<>(null, e.getCause());
        }
    }
}
