package org.alborz.distributed;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
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
    private static final int ALL_REDUCE = 1;
    private static final int BROADCAST = 2;
    private static final int ALL_GATHER = 3;

    /** Pieces that rank 0 sends before it waits for the first result; more in a world of more ranks, so that all have work. */
    private static final int WINDOW = 4;

    private static final long LAST_FRAME_MILLIS = 2000;

    /** More than the frames of a sum that are on the way at a time, so that none waits for a place. */
    static int places(int size) {
        return WINDOW + size + 2;
    }

    private final World world;

    /** Null for one rank alone. */
    private final Link link;

    private final List<String> places;
    private final ReentrantLock lock = new ReentrantLock();
    private final Singles singles = new Singles();
    private final Doubles doubles = new Doubles();
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
            if (size() > 1) {
                int signature = signature(ALL_REDUCE, reduction.ordinal(), Float.BYTES, to - from);
                singles.of(reduction, values, from).run(signature, to - from);
            }
        } finally {
            singles.forget();
            lock.unlock();
        }
    }

    @Override
    public void allReduce(Reduction reduction, double[] values) {
        Given.value(reduction, "allReduce", "a reduction");
        begin();
        try {
            if (size() > 1) {
                int signature = signature(ALL_REDUCE, reduction.ordinal(), Double.BYTES, values.length);
                doubles.of(reduction, values).run(signature, values.length);
            }
        } finally {
            doubles.forget();
            lock.unlock();
        }
    }

    /** Returns a number that calls of another kind or size hardly share. */
    private static int signature(int kind, int detail, int width, int count) {
        return ((kind * 31 + detail) * 31 + width) * 31 + count;
    }

    /** A sum in pieces from rank 0 to the last, and its result from there round to all others; used again by each call. */
    private abstract class Chain {
        private final int width;

        /** Numbers of a piece. */
        private final int most;

        private int signature;
        private int count;

        /** @param width bytes of a number */
        Chain(int width) {
            this.width = width;
            this.most = Frame.PIECE / width;
        }

        /** Writes this rank's numbers into a frame. */
        abstract void own(Frame frame, int start, int numbers);

        /** Joins this rank's numbers to those of a frame. */
        abstract void join(Frame frame, int start, int numbers);

        abstract void result(Frame frame, int start, int numbers);

        void run(int ofSignature, int numbers) {
            signature = ofSignature;
            count = numbers;
            int pieces = (int) ((count + (long) most - 1) / most);
            if (rank() == 0) {
                lead(pieces);
            } else {
                follow(pieces);
            }
        }

        private void lead(int pieces) {
            int window = WINDOW + size();
            for (int i = 0; i < pieces + window; i++) {
                if (i < pieces) {
                    Frame frame = link.take(Frame.PIECE);
                    own(frame, i * most, length(i));
                    send(frame, Kind.PARTIAL, signature, length(i) * width);
                }
                if (i >= window) {
                    takeResult(receive(signature, Kind.RESULT, Kind.RESULT), i - window);
                }
            }
        }

        private void follow(int pieces) {
            boolean last = rank() == size() - 1;
            int summed = 0;
            int known = 0;
            while (summed < pieces || known < pieces && !last) {
                Frame frame = receive(signature, Kind.PARTIAL, Kind.RESULT);
                if (frame.kind() == Kind.RESULT) {
                    takeResult(frame, known++);
                } else {
                    requireLength(frame, length(summed));
                    join(frame, summed * most, length(summed));
                    if (last) {
                        result(frame, summed * most, length(summed));
                    }
                    send(frame, last ? Kind.RESULT : Kind.PARTIAL, signature, frame.length());
                    summed++;
                }
            }
        }

        private int length(int piece) {
            return Math.min(most, count - piece * most);
        }

        private void takeResult(Frame frame, int piece) {
            requireLength(frame, length(piece));
            result(frame, piece * most, length(piece));
            if (after() != size() - 1) { // which has it
                send(frame, Kind.RESULT, signature, frame.length());
            } else {
                link.giveBack(frame);
            }
        }

        private void requireLength(Frame frame, int numbers) {
            if (numbers <= 0 || frame.length() != numbers * width) {
                throw fail("rank " + before() + " sent " + frame.length() + " bytes for " + numbers + " numbers", null);
            }
        }
    }

    /** A sum of float32. */
    private final class Singles extends Chain {
        private final float[] joined = new float[Frame.PIECE / Float.BYTES];
        private Reduction reduction;
        private float[] values;
        private int from;

        Singles() {
            super(Float.BYTES);
        }

        Singles of(Reduction by, float[] numbers, int start) {
            reduction = by;
            values = numbers;
            from = start;
            return this;
        }

        void forget() {
            values = null;
        }

        @Override
        void own(Frame frame, int start, int numbers) {
            frame.put(values, from + start, numbers);
        }

        @Override
        void join(Frame frame, int start, int numbers) {
            frame.get(joined, 0, numbers);
            reduction.into(joined, 0, values, from + start, numbers);
            frame.put(joined, 0, numbers);
        }

        @Override
        void result(Frame frame, int start, int numbers) {
            frame.get(values, from + start, numbers);
        }
    }

    /** A sum of float64. */
    private final class Doubles extends Chain {
        private final double[] joined = new double[Frame.PIECE / Double.BYTES];
        private Reduction reduction;
        private double[] values;

        Doubles() {
            super(Double.BYTES);
        }

        Doubles of(Reduction by, double... numbers) {
            reduction = by;
            values = numbers;
            return this;
        }

        void forget() {
            values = null;
        }

        @Override
        void own(Frame frame, int start, int numbers) {
            frame.put(values, start, numbers);
        }

        @Override
        void join(Frame frame, int start, int numbers) {
            frame.get(joined, 0, numbers);
            for (int i = 0; i < numbers; i++) {
                joined[i] = reduction.of(joined[i], values[start + i]);
            }
            frame.put(joined, 0, numbers);
        }

        @Override
        void result(Frame frame, int start, int numbers) {
            frame.get(values, start, numbers);
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
            int signature = signature(BROADCAST, root, Float.BYTES, to - from);
            int most = Frame.PIECE / Float.BYTES;
            for (int start = from; start < to; start += most) {
                int count = Math.min(most, to - start);
                if (rank() == root) {
                    Frame frame = link.take(Frame.PIECE);
                    frame.put(values, start, count);
                    send(frame, Kind.RESULT, signature, count * Float.BYTES);
                    continue;
                }
                Frame frame = receive(signature, Kind.RESULT, Kind.RESULT);
                if (frame.length() != count * Float.BYTES) {
                    throw fail(
                            "rank " + before() + " sent " + frame.length() + " bytes for " + count + " numbers", null);
                }
                frame.get(values, start, count);
                if (after() != root) {
                    send(frame, Kind.RESULT, signature, frame.length());
                } else {
                    link.giveBack(frame);
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
            byte[] given = own;
            for (int i = 1; i < size(); i++) {
                Frame frame = link.take(given.length);
                System.arraycopy(given, 0, frame.bytes(), 0, given.length);
                send(frame, Kind.GIVEN, ALL_GATHER, given.length);
                Frame other = receive(ALL_GATHER, Kind.GIVEN, Kind.GIVEN);
                given = Arrays.copyOf(other.bytes(), other.length());
                link.giveBack(other);
                all.set(Math.floorMod(rank() - i, size()), given);
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

    private void send(Frame frame, Kind kind, int signature, int length) {
        try {
            link.send(frame.set(kind, call, signature, length));
        } catch (SocketTimeoutException e) {
            throw fail(
                    "rank " + rank() + " could send nothing to rank " + after() + " at " + places.get(after())
                            + " until the time-out; it is stopped, much slower, or cannot be reached",
                    e);
        } catch (IOException e) {
            throw fail(abortReason != null ? abortReason : lost(after()), e);
        }
    }

    private Frame receive(int signature, Kind one, Kind other) {
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
            throw fail(new String(frame.bytes(), 0, frame.length(), StandardCharsets.UTF_8), null);
        }
        if (frame.kind() == Kind.LEAVE) {
            throw fail("rank " + before() + " has left the group", null);
        }
        if (frame.call() != call || frame.signature() != signature || frame.kind() != one && frame.kind() != other) {
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
        closeAfter(Kind.ABORT, reason.getBytes(StandardCharsets.UTF_8));
        return end;
    }

    @Override
    public void abort(String reason) {
        abortReason = "rank " + rank() + " has ended the group: " + reason;
        if (link != null) {
            link.interrupt(); // of a call that another thread is in
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
                closeAfter(Kind.LEAVE, new byte[0]);
            }
        } finally {
            lock.unlock();
        }
    }

    private void closeAfter(Kind kind, byte... content) {
        if (link != null) {
            link.closeAfter(new Frame(content).set(kind, call, 0, content.length), LAST_FRAME_MILLIS);
        }
    }

    /** Returns rank, size and place. */
    @Override
    public String toString() {
        return "rank " + rank() + " of " + size() + " at " + places.get(rank());
    }
}
