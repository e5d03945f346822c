package org.alborz.distributed;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.alborz.distributed.Frame.Kind;
import org.alborz.text.Given;

/**
 * Ranks that are processes, each connected with the one after it, the last with the first.
 *
 * <p>A sum goes from rank 0 to the last, each adding its own, and its result from there to all others, in pieces, so that all connections work
 * at a time: sums are added in the order of the ranks, {@code ((v₀ + v₁) + v₂) + …}, as one process adds them that computes the
 * parts one after another. Each rank sends and receives every number at most twice, whatever the number of ranks; a ring's reduce-scatter
 * sends {@code 2(n − 1)/n} of them (Patarasuk and Yuan 2009), but adds in another order for each part.
 */
public final class TcpCollective implements Collective {
    /** Numbers of a piece. */
    private static final int PIECE = 1 << 16;

    /** Pieces that rank 0 sends before it waits for the first result; more in a world of more ranks, so that all have work. */
    private static final int WINDOW = 4;

    private static final long LAST_FRAME_MILLIS = 2000;

    private final World world;

    /** Null for one rank alone. */
    private final Link link;

    private final List<String> places;
    private final ReentrantLock lock = new ReentrantLock();
    private long call;
    private CollectiveException end;

    /** Set by the thread that ends the group while another is in a call. */
    private volatile String abortReason;

    /** @param places of the ranks in words, by rank */
    TcpCollective(World world, Link link, List<String> places) {
        this.world = world;
        this.link = link;
        this.places = List.copyOf(places);
    }

    /** Starts to describe how this process joins a group. */
    public static TcpRendezvous rendezvous(World world) {
        return new TcpRendezvous(world);
    }

    @Override
    public int rank() {
        return world.rank();
    }

    @Override
    public int size() {
        return world.size();
    }

    private int before() {
        return (rank() + size() - 1) % size();
    }

    private int after() {
        return (rank() + 1) % size();
    }

    @Override
    public void allReduce(Reduction reduction, float[] values, int from, int to) {
        Given.value(reduction, "allReduce", "a reduction");
        Ranges.require(values, from, to);
        begin();
        try {
            if (size() == 1) {
                return;
            }
            int signature = Objects.hash("allReduce", reduction.name(), "float32", to - from);
            new Chain(signature, to - from) {
                private final float[] scratch = new float[Math.min(PIECE, to - from)];

                @Override
                byte[] own(int start, int count) {
                    return bytes(values, from + start, count);
                }

                @Override
                byte[] join(byte[] sum, int start, int count) {
                    floats(sum, scratch, 0, count);
                    reduction.into(scratch, 0, values, from + start, count);
                    return bytes(scratch, 0, count);
                }

                @Override
                void result(byte[] result, int start, int count) {
                    floats(result, values, from + start, count);
                }
            }.run();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void allReduce(Reduction reduction, double[] values) {
        Given.value(reduction, "allReduce", "a reduction");
        begin();
        try {
            if (size() == 1) {
                return;
            }
            int signature = Objects.hash("allReduce", reduction.name(), "float64", values.length);
            new Chain(signature, values.length) {
                @Override
                byte[] own(int start, int count) {
                    ByteBuffer bytes = buffer(new byte[count * Double.BYTES]);
                    bytes.asDoubleBuffer().put(values, start, count);
                    return bytes.array();
                }

                @Override
                byte[] join(byte[] sum, int start, int count) {
                    double[] joined = new double[count];
                    buffer(sum).asDoubleBuffer().get(joined);
                    for (int i = 0; i < count; i++) {
                        joined[i] = reduction.of(joined[i], values[start + i]);
                    }
                    ByteBuffer bytes = buffer(new byte[count * Double.BYTES]);
                    bytes.asDoubleBuffer().put(joined);
                    return bytes.array();
                }

                @Override
                void result(byte[] result, int start, int count) {
                    buffer(result).asDoubleBuffer().get(values, start, count);
                }
            }.run();
        } finally {
            lock.unlock();
        }
    }

    /** A sum in pieces from rank 0 to the last, and its result from there round to all others. */
    private abstract class Chain {
        private final int signature;
        private final int count;

        Chain(int signature, int count) {
            this.signature = signature;
            this.count = count;
        }

        abstract byte[] own(int start, int count);

        abstract byte[] join(byte[] sum, int start, int count);

        abstract void result(byte[] result, int start, int count);

        void run() {
            int pieces = (int) ((count + (long) PIECE - 1) / PIECE);
            if (rank() == 0) {
                int window = WINDOW + size();
                for (int i = 0; i < pieces + window; i++) {
                    if (i < pieces) {
                        send(Kind.PARTIAL, signature, own(i * PIECE, length(i)));
                    }
                    if (i >= window) {
                        takeResult(receive(signature, Kind.RESULT), i - window);
                    }
                }
                return;
            }
            boolean last = rank() == size() - 1;
            int summed = 0;
            int known = 0;
            while (summed < pieces || known < pieces && !last) {
                Frame frame = receive(signature, Kind.PARTIAL, Kind.RESULT);
                if (frame.kind() == Kind.RESULT) {
                    takeResult(frame, known++);
                } else {
                    requireLength(frame, length(summed));
                    byte[] sum = join(frame.bytes(), summed * PIECE, length(summed));
                    if (last) {
                        result(sum, summed * PIECE, length(summed));
                    }
                    send(last ? Kind.RESULT : Kind.PARTIAL, signature, sum);
                    summed++;
                }
            }
        }

        private int length(int piece) {
            return Math.min(PIECE, count - piece * PIECE);
        }

        private void takeResult(Frame frame, int piece) {
            requireLength(frame, length(piece));
            result(frame.bytes(), piece * PIECE, length(piece));
            if (after() != size() - 1) { // which has it
                link.send(frame);
            }
        }

        /** The length in bytes is that of every piece of so many numbers. */
        private void requireLength(Frame frame, int numbers) {
            if (numbers <= 0 || frame.bytes().length % numbers != 0) {
                throw fail(
                        "rank " + before() + " sent " + frame.bytes().length + " bytes for " + numbers + " numbers",
                        null);
            }
        }
    }

    @Override
    public void broadcast(float[] values, int from, int to, int root) {
        Ranges.require(values, from, to);
        Ranges.root(root, size());
        begin();
        try {
            if (size() == 1) {
                return;
            }
            int signature = Objects.hash("broadcast", "float32", to - from, root);
            for (int start = from; start < to; start += PIECE) {
                int count = Math.min(PIECE, to - start);
                if (rank() == root) {
                    send(Kind.RESULT, signature, bytes(values, start, count));
                } else {
                    Frame frame = receive(signature, Kind.RESULT);
                    floats(frame.bytes(), values, start, count);
                    if (after() != root) {
                        link.send(frame);
                    }
                }
            }
            if (from == to) {
                allGather(new byte[0]);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<byte[]> allGather(byte[] own) {
        Ranges.gathered(own);
        begin();
        try {
            List<byte[]> all = new ArrayList<>(Collections.nCopies(size(), null));
            all.set(rank(), own.clone());
            int signature = Objects.hash("allGather");
            Frame frame = new Frame(Kind.GIVEN, call, signature, own.clone());
            for (int i = 1; i < size(); i++) {
                link.send(frame);
                frame = receive(signature, Kind.GIVEN);
                all.set(Math.floorMod(rank() - i, size()), frame.bytes());
            }
            return List.copyOf(all);
        } finally {
            lock.unlock();
        }
    }

    /** Begins a call, with the lock. */
    private void begin() {
        lock.lock();
        if (end != null) {
            lock.unlock();
            throw new CollectiveException(end.getMessage(), end);
        }
        call++;
    }

    private void send(Kind kind, int signature, byte[] bytes) {
        link.send(new Frame(kind, call, signature, bytes));
    }

    private Frame receive(int signature, Kind... kinds) {
        Frame frame;
        try {
            frame = link.receive();
        } catch (SocketTimeoutException e) {
            throw fail(
                    "rank " + rank() + " has waited for rank " + before() + " at " + places.get(before())
                            + " until the time-out; it is stopped, much slower, or cannot be reached",
                    e);
        } catch (IOException e) {
            if (abortReason != null) {
                throw fail(abortReason, null);
            }
            IOException sending = link.failure();
            if (sending != null) {
                throw fail(lost(after()), sending);
            }
            throw fail(lost(before()), e);
        }
        if (frame.kind() == Kind.ABORT) {
            throw fail(new String(frame.bytes(), StandardCharsets.UTF_8), null);
        }
        if (frame.kind() == Kind.LEAVE) {
            throw fail("rank " + before() + " has left the group", null);
        }
        if (frame.call() != call
                || frame.signature() != signature
                || !Arrays.asList(kinds).contains(frame.kind())) {
            throw fail(
                    "rank " + before() + " is at another call than rank " + rank() + " (its number " + frame.call()
                            + ", here " + call
                            + "); all ranks have to make the same calls in the same order with the same sizes",
                    null);
        }
        return frame;
    }

    private String lost(int rank) {
        return "rank " + rank() + " has lost rank " + rank + " at " + places.get(rank)
                + ", which has ended or cannot be reached";
    }

    /** Ends the group, and tells the rank after this one why, which tells the next. */
    private CollectiveException fail(String reason, Exception cause) {
        end = new CollectiveException(Character.toUpperCase(reason.charAt(0)) + reason.substring(1), cause);
        closeAfter(new Frame(Kind.ABORT, call, 0, reason.getBytes(StandardCharsets.UTF_8)));
        return end;
    }

    @Override
    public void abort(String reason) {
        abortReason = "rank " + rank() + " has ended the group: " + reason;
        if (link != null) {
            link.interruptReceive(); // of a call that another thread is in
        }
        lock.lock();
        try {
            if (end == null) {
                fail(abortReason, null);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (end == null) {
                end = new CollectiveException("This rank has left the group");
                closeAfter(new Frame(Kind.LEAVE, call, 0, new byte[0]));
            }
        } finally {
            lock.unlock();
        }
    }

    private void closeAfter(Frame last) {
        if (link != null) {
            link.closeAfter(last, LAST_FRAME_MILLIS);
        }
    }

    /** Returns rank, size and place. */
    @Override
    public String toString() {
        return "rank " + rank() + " of " + size() + " at " + places.get(rank());
    }

    private static ByteBuffer buffer(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] bytes(float[] values, int from, int count) {
        ByteBuffer bytes = buffer(new byte[count * Float.BYTES]);
        bytes.asFloatBuffer().put(values, from, count);
        return bytes.array();
    }

    private static void floats(byte[] bytes, float[] values, int to, int count) {
        buffer(bytes).asFloatBuffer().get(values, to, count);
    }
}
