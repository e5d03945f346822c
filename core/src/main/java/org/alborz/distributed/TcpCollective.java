package org.alborz.distributed;

import java.io.IOException;
import java.io.InterruptedIOException;
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

    private static final long LAST_FRAME_MILLIS = 2000;

    /** More than the frames of a sum that are on the way at a time, so that none waits for a place. */
    static int places(int size) {
        return Chain.window(size) + 2;
    }

    private final World world;

    /** Null for one rank alone. */
    private final Link link;

    private final List<String> places;
    private final ReentrantLock lock = new ReentrantLock();
    private final Singles singles = new Singles(this);
    private final Doubles doubles = new Doubles(this);
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

    /**
     * Describes all ranks of a group on this machine, as for ranks that are threads. They meet at a free port of its own address, which rank 0
     * holds already, so that no other program can take it: join all of them, each on a thread of its own, or {@link TcpRendezvous#unbind} rank 0.
     *
     * @param size number of ranks
     * @return the ranks in order
     * @throws IOException when there is no free port
     */
    public static List<TcpRendezvous> loopback(int size) throws IOException {
        String token = World.newToken();
        TcpRendezvous first = rendezvous(new World(0, size, "127.0.0.1", 0, token));
        int port = first.bind();
        List<TcpRendezvous> ranks = new ArrayList<>(List.of(first));
        for (int rank = 1; rank < size; rank++) {
            ranks.add(rendezvous(new World(rank, size, "127.0.0.1", port, token)));
        }
        return ranks;
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

    int after() {
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
    public void allReduce(Reduction reduction, double[] values, int from, int to) {
        Given.value(reduction, "allReduce", "a reduction");
        Ranges.require(values, from, to);
        begin();
        try {
            if (size() > 1) {
                int signature = signature(ALL_REDUCE, reduction.ordinal(), Double.BYTES, to - from);
                doubles.of(reduction, values, from).run(signature, to - from);
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
                requireLength(frame, count, Float.BYTES);
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

    /** Returns a frame for a piece of a sum, to be sent or given back. */
    Frame take() {
        return link.take(Frame.PIECE);
    }

    /** Takes back a frame that goes to no other rank. */
    void giveBack(Frame frame) {
        link.giveBack(frame);
    }

    /** Ends the group where the rank before sent another number of numbers than this one expects. */
    void requireLength(Frame frame, int numbers, int width) {
        if (numbers <= 0 || frame.length() != numbers * width) {
            throw fail("rank " + before() + " sent " + frame.length() + " bytes for " + numbers + " numbers", null);
        }
    }

    /** Sends a frame to the rank after; what fails ends the group. */
    void send(Frame frame, Kind kind, int signature, int length) {
        try {
            link.send(frame.set(kind, call, signature, length));
        } catch (SocketTimeoutException e) {
            throw fail(
                    "rank " + rank() + " could send nothing to rank " + after() + " at " + places.get(after())
                            + " until the time-out; it is stopped, much slower, or cannot be reached",
                    e);
        } catch (InterruptedIOException e) {
            throw fail(
                    "rank " + rank() + " was interrupted while it waited to send to rank " + after() + " at "
                            + places.get(after()),
                    e);
        } catch (IOException e) {
            throw fail(abortReason != null ? abortReason : lost(after()), e);
        }
    }

    /** Waits for a frame of this call from the rank before, of one of two kinds; what fails ends the group. */
    Frame receive(int signature, Kind one, Kind other) {
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
                            + ")" + Ranges.ALIKE,
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
