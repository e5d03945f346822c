package org.alborz.cli;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.alborz.backend.BackendOptions;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.distributed.Collective;
import org.alborz.distributed.LocalCollective;
import org.alborz.distributed.Reduction;
import org.alborz.distributed.TcpCollective;
import org.alborz.distributed.TcpRendezvous;
import org.alborz.models.Models;
import org.alborz.nn.Model;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.train.Trainer;
import org.alborz.type.DType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures what it takes to add up numbers over ranks, for messages of several sizes: over threads of this JVM, over sockets of this machine, and
 * beside these a plain socket and a copy in memory, which no sum can be faster than.
 *
 * @param repetitions of a measurement, of which the median counts
 * @param seconds how long a repetition lasts at least, but for a single call that takes longer
 */
record CollectiveContest(int repetitions, double seconds) {
    private static final Logger log = LoggerFactory.getLogger(CollectiveContest.class);
    private static final Duration TIMEOUT = Duration.ofMinutes(5);
    private static final int PIECE = 1 << 18;
    private static final int MOST_CALLS = 1_000_000;

    /** Samples of a rank's batch in the training that {@link #overlap} measures. */
    private static final int BATCH = 32;

    /** What is measured. */
    enum Way {
        /** A copy of an array. */
        COPY("copy", 1),
        /** One direction of a plain loopback socket, and a byte back. */
        SOCKET("socket", 2),
        THREADS_2("threads", 2),
        THREADS_4("threads", 4),
        TCP_2("tcp", 2),
        TCP_4("tcp", 4);

        private final String kind;
        private final int ranks;

        Way(String kind, int ranks) {
            this.kind = kind;
            this.ranks = ranks;
        }

        boolean isSum() {
            return this != COPY && this != SOCKET;
        }

        String title() {
            return isSum() ? kind + " " + ranks : kind;
        }

        int ranks() {
            return ranks;
        }
    }

    /**
     * What {@code --json} lists.
     *
     * @param bytes of a rank's message
     * @param seconds of a call, the median
     * @param bytesPerSecond the one by the other
     */
    record Row(String way, int ranks, long bytes, double seconds, double bytesPerSecond) {}

    /** Something that is done a number of times. */
    private interface Timed {
        double seconds(int calls) throws IOException;
    }

    Row measure(Way way, long bytes) {
        int count = Math.toIntExact(bytes / Float.BYTES);
        double seconds = way.isSum() ? sum(way, count) : way == Way.COPY ? copy(count) : socket(count * Float.BYTES);
        return new Row(way.title(), way.ranks(), bytes, seconds, bytes / seconds);
    }

    /** Returns the heap that a measurement takes, in bytes. */
    static long memory(Way way, long bytes) {
        return way == Way.COPY ? 2 * bytes : way == Way.SOCKET ? 0 : (way.ranks() + 1) * bytes;
    }

    private double median(Timed work) throws IOException {
        int calls = calls(work);
        List<Double> times = new ArrayList<>();
        for (int i = 0; i < repetitions; i++) {
            times.add(work.seconds(calls) / calls);
        }
        return Measurement.median(times);
    }

    /** Warms up, and returns how many calls last long enough. */
    private int calls(Timed work) throws IOException {
        double once = work.seconds(1);
        int calls = 1;
        while (once * calls < seconds && calls < MOST_CALLS) {
            calls = (int) Math.min(MOST_CALLS, Math.max(2L * calls, (long) (seconds / Math.max(once, 1e-9) / 2)));
            once = work.seconds(calls) / calls;
        }
        return calls;
    }

    private double copy(int count) {
        float[] from = new float[count];
        float[] to = new float[count];
        try {
            return median(calls -> {
                long start = System.nanoTime();
                for (int i = 0; i < calls; i++) {
                    from[i % count] = i;
                    System.arraycopy(from, 0, to, 0, count);
                }
                return (System.nanoTime() - start) * 1e-9;
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private double socket(int bytes) {
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
                Socket other = server.accept()) {
            client.setTcpNoDelay(true);
            other.setTcpNoDelay(true);
            threads.execute(() -> answer(other, bytes));
            byte[] piece = new byte[PIECE];
            OutputStream out = client.getOutputStream();
            return median(calls -> {
                long start = System.nanoTime();
                for (int i = 0; i < calls; i++) {
                    for (int sent = 0; sent < bytes; sent += PIECE) {
                        out.write(piece, 0, Math.min(PIECE, bytes - sent));
                    }
                    if (client.getInputStream().read() < 0) {
                        throw new IOException("the other side of a loopback socket has closed it");
                    }
                }
                return (System.nanoTime() - start) * 1e-9;
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            threads.shutdownNow();
        }
    }

    /** Reads messages and answers each by a byte, until the socket is closed. */
    private static void answer(Socket socket, int bytes) {
        byte[] piece = new byte[PIECE];
        try (Socket closed = socket) {
            DataInputStream in = new DataInputStream(closed.getInputStream());
            while (true) {
                for (int read = 0; read < bytes; read += PIECE) {
                    in.readFully(piece, 0, Math.min(PIECE, bytes - read));
                }
                closed.getOutputStream().write(1);
            }
        } catch (IOException e) {
            log.debug("A loopback socket was closed: {}", e.getMessage()); // the side that measures notices it
        }
    }

    /** What a rank does; the figures of all are added. */
    private interface RankWork {
        double run(Collective collective) throws IOException;
    }

    /** Trains cifar-cnn by two ranks over sockets; returns the share of the time of exchanging gradients that was hidden behind the backward pass. */
    double overlap(int steps) {
        return all(Way.TCP_2, collective -> {
            DataLoader images = DataLoader.of(GeneratedImages.train(1, Way.TCP_2.ranks * steps * BATCH), BATCH)
                    .workers(1)
                    .build();
            BackendOptions oneThread = BackendOptions.defaults().withThreads(1);
            try (Session session = Session.open("auto", oneThread, DType.FLOAT32);
                    Model model = Model.create(session, Models.byName("cifar-cnn", 10), 1)) {
                Trainer trainer = Trainer.classifier(model, new Sgd(0.01))
                        .verbose(false)
                        .collective(collective)
                        .build();
                trainer.fit(images, 1);
                return collective.rank() == 0 ? trainer.communicationOverlap() : 0;
            }
        });
    }

    private double sum(Way way, int count) {
        return all(way, ranks -> ranks.rank() == 0 ? lead(ranks, count) : follow(ranks, count));
    }

    private static double all(Way way, RankWork work) {
        List<Collective> local = way.kind.equals("threads") ? LocalCollective.group(way.ranks, TIMEOUT) : null;
        ExecutorService threads = Executors.newFixedThreadPool(way.ranks);
        try {
            List<TcpRendezvous> remote = local != null ? null : TcpCollective.loopback(way.ranks);
            List<Future<Double>> ranks = new ArrayList<>();
            for (int rank = 0; rank < way.ranks; rank++) {
                int own = rank;
                ranks.add(threads.submit(() -> {
                    try (Collective collective = local != null
                            ? local.get(own)
                            : remote.get(own).callTimeout(TIMEOUT).join()) {
                        return work.run(collective);
                    }
                }));
            }
            double seconds = 0;
            for (Future<Double> rank : ranks) {
                seconds += rank.get();
            }
            return seconds;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ExecutionException e) {
            throw new CommandFailure(ExitCodes.FAILED, "A rank failed: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(ExitCodes.FAILED, "The measurement was interrupted", e);
        } finally {
            threads.shutdownNow();
        }
    }

    /** Measures, as rank 0, and tells the others before each part how many calls it is of; returns the median. */
    private double lead(Collective collective, int count) throws IOException {
        float[] values = new float[count];
        double seconds = median(calls -> {
            collective.broadcast(new float[] {calls}, 0, 1, 0);
            collective.barrier();
            long start = System.nanoTime();
            add(collective, values, calls);
            return (System.nanoTime() - start) * 1e-9;
        });
        collective.broadcast(new float[1], 0, 1, 0);
        collective.barrier(); // else the group would end before the others know
        return seconds;
    }

    /** Makes the calls of rank 0, as another rank. */
    private static double follow(Collective collective, int count) {
        float[] values = new float[count];
        float[] calls = {1};
        while (calls[0] > 0) {
            collective.broadcast(calls, 0, 1, 0);
            collective.barrier();
            add(collective, values, (int) calls[0]);
        }
        return 0;
    }

    private static void add(Collective collective, float[] values, int calls) {
        for (int i = 0; i < calls; i++) {
            collective.allReduce(Reduction.SUM, values, 0, values.length);
        }
    }
}
