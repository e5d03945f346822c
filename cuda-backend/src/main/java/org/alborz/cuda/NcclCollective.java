package org.alborz.cuda;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.alborz.backend.Backend;
import org.alborz.backend.Operand;
import org.alborz.cuda.natives.Host;
import org.alborz.cuda.natives.NcclLibrary;
import org.alborz.cuda.nccl.Communicator;
import org.alborz.cuda.nccl.NcclException;
import org.alborz.cuda.nccl.Part;
import org.alborz.cuda.nccl.Watchdog;
import org.alborz.distributed.Collective;
import org.alborz.distributed.CollectiveException;
import org.alborz.distributed.DeviceCollective;
import org.alborz.distributed.Reduction;
import org.alborz.notice.DropWatch;
import org.alborz.text.Given;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A group whose ranks have a GPU each and exchange gradients by NCCL, from one device's memory to the other's. Numbers of the host, such as metrics, and the
 * agreement on what comes next go through another group, which this one is made over.
 *
 * <pre>{@code
 * try (Collective group = TcpCollective.rendezvous(World.of(System.getenv())).join();
 *         Session session = Session.builder("cuda").device(localRank).open();
 *         Collective rank = NcclCollective.over(group)) { // closed before the session
 *     Trainer trainer = Trainer.classifier(model, optimizer).collective(rank).build();
 * }
 * }</pre>
 *
 * <p>NCCL chooses the order in which it adds, by the number of ranks, the size and how the devices are connected: all ranks get the same bits, and two ranks those
 * of {@code v₀ + v₁}; with more, other bits than {@link org.alborz.distributed.TcpCollective}, and possibly others on another machine.
 *
 * <p>Exchanges are made on a stream beside the session's. Before each, or before all that they {@link #agree} on, ranks tell each other through the group below that they have come to it,
 * so that a rank that has ended is noticed and named there. A failure
 * within an exchange is noticed where NCCL reports it, else after the time-out; then the exchange is aborted, and the weights of that step are undefined.
 */
public final class NcclCollective implements DeviceCollective {
    private static final Logger log = LoggerFactory.getLogger(NcclCollective.class);
    private static final Duration TIMEOUT = Duration.ofMinutes(10);
    private static final long POLL_MILLIS = 1;

    private final Collective control;
    private final Duration timeout;

    /** Null until the first exchange on a device, as is the next one. */
    private CudaBackend backend;

    private Communicator communicator;

    /** Null until the communicator is complete. */
    private volatile Watchdog watchdog;

    private DropWatch dropWatch;

    private NcclCollective(Collective control, Duration timeout) {
        this.control = control;
        this.timeout = timeout;
    }

    /** Returns a rank of a group whose exchanges on the device may take 10 minutes. */
    public static NcclCollective over(Collective control) {
        return over(control, TIMEOUT);
    }

    /**
     * Returns a rank of the same group with exchanges on the device.
     *
     * @param control this rank of a group, such as a {@link org.alborz.distributed.TcpCollective}
     * @param timeout how long an exchange on the device may take; at least a millisecond
     * @throws org.alborz.cuda.natives.NativeLoadException where NCCL or its bindings are missing, with what to add
     */
    public static NcclCollective over(Collective control, Duration timeout) {
        return over(control, timeout, Host.ofThis());
    }

    static NcclCollective over(Collective control, Duration timeout, Host host) {
        Given.value(control, "NcclCollective", "a collective");
        if (Given.value(timeout, "NcclCollective", "a time-out").toMillis() < 1) {
            throw new IllegalArgumentException("NcclCollective expects a time-out of at least 1 ms, got " + timeout);
        }
        NcclLibrary.load(host);
        return new NcclCollective(control, timeout);
    }

    /** Returns why NCCL cannot be used in this program, with the remedy, or nothing where it can; loads it. A session on {@code cuda} must have been opened. */
    public static Optional<String> unavailable() {
        return NcclLibrary.unavailable(Host.ofThis());
    }

    @Override
    public int rank() {
        return control.rank();
    }

    @Override
    public int size() {
        return control.size();
    }

    @Override
    public Optional<String> refuses(Backend other) {
        return other instanceof CudaBackend
                ? Optional.empty()
                : Optional.of("NCCL adds in the memory of CUDA devices, and the session computes on " + other.name());
    }

    @Override
    public void allReduce(Reduction reduction, Backend where, List<? extends Operand> values) {
        Given.value(reduction, "allReduce", "a reduction");
        String what = describe("all-reduce " + reduction, parts("allReduce", where, values));
        agree(what);
        beginAllReduce(reduction, where, values);
        join(where, what);
    }

    @Override
    public void broadcast(Backend where, List<? extends Operand> values, int root) {
        requireRoot(root);
        String what = describe("broadcast from rank " + root, parts("broadcast", where, values));
        agree(what);
        beginBroadcast(where, values, root);
        join(where, what);
    }

    @Override
    public void beginAllReduce(Reduction reduction, Backend where, List<? extends Operand> values) {
        Given.value(reduction, "allReduce", "a reduction");
        List<Part> parts = parts("allReduce", where, values);
        begin(describe("all-reduce " + reduction, parts), () -> communicator.allReduce(reduction, parts));
    }

    @Override
    public void beginBroadcast(Backend where, List<? extends Operand> values, int root) {
        requireRoot(root);
        List<Part> parts = parts("broadcast", where, values);
        begin(describe("broadcast from rank " + root, parts), () -> communicator.broadcast(root, parts));
    }

    private void requireRoot(int root) {
        if (root < 0 || root >= size()) {
            throw new IllegalArgumentException(
                    "broadcast expects a rank from 0 to " + (size() - 1) + " as its root, got " + root);
        }
    }

    private List<Part> parts(String call, Backend where, List<? extends Operand> values) {
        refuses(where).ifPresent(why -> {
            throw new IllegalArgumentException(call + ": " + why);
        });
        if (backend != null && backend != where) {
            throw new IllegalArgumentException(
                    call + " expects the session of the group's first exchange, got another on " + where.device()
                            + "; make a group for each session");
        }
        backend = (CudaBackend) where;
        for (Operand value : values) {
            if (!value.layout().isDense()) {
                throw new IllegalArgumentException(
                        call + " expects dense values, got " + value.layout() + "; exchange a contiguous copy of them");
            }
        }
        return values.stream().map(Part::of).toList();
    }

    private void begin(String what, Runnable work) {
        requireOpen();
        boolean captured = backend.stream().isCapturing();
        if (communicator == null) {
            if (captured) {
                throw new IllegalStateException("The first exchange of a group connects its devices, which cannot be"
                        + " captured; make one before the capture");
            }
            connect();
        }
        if (captured) {
            backend.graphs().uses(communicator);
        }
        try {
            work.run();
            settle(what);
            if (!captured) {
                watchdog.begun(what);
            }
        } catch (NcclException e) {
            throw fail(what + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void join(Backend where, String exchanges) {
        if (watchdog != null) {
            communicator.join();
            if (!backend.stream().isCapturing()) {
                watchdog.expect(exchanges);
            }
        }
        requireOpen();
    }

    private static String describe(String name, List<Part> parts) {
        StringBuilder text = new StringBuilder(name).append(" of");
        for (Part part : parts) {
            text.append(' ').append(part.count()).append(' ').append(part.dtype());
        }
        return text.toString();
    }

    @Override
    public void agree(String what) {
        requireOpen();
        byte[] own = what.getBytes(StandardCharsets.UTF_8);
        List<byte[]> all = onHost(() -> control.allGather(own));
        for (int rank = 0; rank < all.size(); rank++) {
            if (!Arrays.equals(all.get(rank), own)) {
                throw fail(
                        "rank " + rank + " is at another call: " + new String(all.get(rank), StandardCharsets.UTF_8)
                                + ", and this rank at " + what
                                + "; all ranks have to make the same calls in the same order with the same sizes",
                        null);
            }
        }
    }

    private void connect() {
        byte[] own = rank() == 0 ? Communicator.newId() : new byte[0];
        byte[] id = onHost(() -> control.allGather(own)).get(0);
        try {
            communicator = new Communicator(id, size(), rank(), backend.stream());
            settle("the connection of " + size() + " devices");
        } catch (NcclException e) {
            throw fail(
                    "NCCL cannot connect " + backend.device() + " with the devices of the other ranks: "
                            + e.getMessage()
                            + ". Give each rank a GPU of its own, and see NCCL's log by NCCL_DEBUG=INFO",
                    e);
        }
        watchdog = new Watchdog(control, communicator, backend.stream(), timeout);
        dropWatch = DropWatch.on(this, log, "An NCCL collective on " + backend.device(), watchdog::drop);
    }

    /** Waits while NCCL works on a call, which it mostly does not after the first exchanges. */
    private void settle(String what) {
        long start = System.nanoTime();
        while (communicator.isInProgress()) {
            if (System.nanoTime() - start > timeout.toNanos()) {
                throw fail("the ranks did not come together within " + timeout.toMillis() + " ms for " + what, null);
            }
            try {
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw fail("it was interrupted in " + what, e);
            }
        }
        String failure = communicator.failure();
        if (failure != null) {
            throw fail(what + ": NCCL reports: " + failure, null);
        }
    }

    /** Ends the group for all ranks, and returns what to throw. */
    private CollectiveException fail(String reason, Throwable cause) {
        if (watchdog != null) {
            watchdog.end(reason, cause);
        } else {
            if (communicator != null) {
                communicator.abort();
            }
            control.abort(reason);
        }
        return new CollectiveException("Rank " + rank() + " has ended the group: " + reason, cause);
    }

    /** Does a call of the group below; where that has ended, so do the exchanges on the device. */
    private <T> T onHost(Supplier<T> call) {
        try {
            return call.get();
        } catch (CollectiveException e) {
            if (watchdog != null) {
                watchdog.end(e.getMessage(), e);
            } else if (communicator != null) {
                communicator.abort();
            }
            throw e;
        }
    }

    /** Does a call of the group below when the exchanges before it have ended, so that what comes after them is known to be sound. */
    private <T> T afterExchanges(Supplier<T> call) {
        if (watchdog != null) {
            watchdog.await();
        }
        return onHost(call);
    }

    private void requireOpen() {
        if (watchdog != null) {
            watchdog.requireOpen();
        }
    }

    @Override
    public void allReduce(Reduction reduction, float[] values, int from, int to) {
        afterExchanges(() -> {
            control.allReduce(reduction, values, from, to);
            return null;
        });
    }

    @Override
    public void allReduce(Reduction reduction, double[] values, int from, int to) {
        afterExchanges(() -> {
            control.allReduce(reduction, values, from, to);
            return null;
        });
    }

    @Override
    public void broadcast(float[] values, int from, int to, int root) {
        afterExchanges(() -> {
            control.broadcast(values, from, to, root);
            return null;
        });
    }

    @Override
    public List<byte[]> allGather(byte[] own) {
        return afterExchanges(() -> control.allGather(own));
    }

    @Override
    public void abort(String reason) {
        if (watchdog != null) {
            watchdog.end(reason, null);
        }
        control.abort(reason);
    }

    /**
     * Ends the exchanges of this rank, before its session is closed, and closes the captured graphs that hold any. The group below stays open: whoever made it
     * closes it.
     */
    @Override
    public void close() {
        if (watchdog == null) {
            if (communicator != null) {
                communicator.abort();
                communicator.close();
            }
            return;
        }
        dropWatch.close();
        watchdog.awaitUnlessEnded();
        try (Watchdog ending = watchdog) {
            backend.graphs().closeThoseWith(communicator);
        }
    }

    /** Returns NCCL's version and the group below. */
    @Override
    public String toString() {
        return "NCCL " + Communicator.version() + " over " + control;
    }
}
