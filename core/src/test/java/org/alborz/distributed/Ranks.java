package org.alborz.distributed;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Runs a group's ranks as threads. */
final class Ranks {
    static final String TOKEN = "0123456789abcdef0123456789abcdef";

    private static final Duration JOIN_TIMEOUT = Duration.ofMinutes(2);

    private Ranks() {}

    interface Work<T> {
        T of(Collective collective) throws Exception;
    }

    static <T> List<T> run(String kind, int size, Work<T> work) throws Exception {
        return run(kind, size, Duration.ofSeconds(30), work);
    }

    static <T> List<T> run(String kind, int size, Duration timeout, Work<T> work) throws Exception {
        List<Collective> local = kind.equals("local") ? LocalCollective.group(size, timeout) : null;
        List<TcpRendezvous> remote = local != null ? null : group(size);
        return each(size, rank -> {
            try (Collective collective = local != null
                    ? local.get(rank)
                    : remote.get(rank).callTimeout(timeout).join()) {
                return work.of(collective);
            }
        });
    }

    /** All ranks of a group; rank 0 holds the port already. */
    static List<TcpRendezvous> group(int size) throws IOException {
        List<TcpRendezvous> ranks = TcpCollective.loopback(size);
        ranks.forEach(rank -> rank.joinTimeout(JOIN_TIMEOUT));
        return ranks;
    }

    static TcpRendezvous rendezvous(int rank, int size, int port) {
        return TcpCollective.rendezvous(new World(rank, size, "127.0.0.1", port, TOKEN))
                .joinTimeout(JOIN_TIMEOUT);
    }

    interface RankWork<T> {
        T of(int rank) throws Exception;
    }

    /** Runs a thread a rank; the first failure is thrown. */
    static <T> List<T> each(int size, RankWork<T> work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(size);
        try {
            List<Future<T>> futures = new ArrayList<>();
            for (int rank = 0; rank < size; rank++) {
                int own = rank;
                futures.add(threads.submit(() -> work.of(own)));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> future : futures) {
                results.add(future.get());
            }
            return results;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw (Error) e.getCause();
        } finally {
            threads.shutdownNow();
        }
    }
}
