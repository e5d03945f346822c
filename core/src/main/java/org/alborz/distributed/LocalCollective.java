package org.alborz.distributed;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.alborz.text.Given;

/**
 * Ranks that are threads of this JVM, such as one for each GPU. Sums are added in the order of the ranks: {@code ((v₀ + v₁) + v₂) + …}.
 *
 * <pre>{@code
 * List<Collective> ranks = LocalCollective.group(4, Duration.ofMinutes(10)); // one for each thread
 * }</pre>
 */
public final class LocalCollective implements Collective {
    private final Group group;
    private final int rank;

    private LocalCollective(Group group, int rank) {
        this.group = group;
        this.rank = rank;
    }

    /**
     * Returns the ranks of a new group.
     *
     * @param size at least 1
     * @param timeout how long a rank waits for the others in a call
     */
    public static List<Collective> group(int size, Duration timeout) {
        if (size < 1) {
            throw new IllegalArgumentException("A group expects at least 1 rank, got " + size);
        }
        Group group = new Group(size, Timeouts.millis(timeout));
        List<Collective> ranks = new ArrayList<>();
        for (int rank = 0; rank < size; rank++) {
            ranks.add(new LocalCollective(group, rank));
        }
        return List.copyOf(ranks);
    }

    @Override
    public int rank() {
        return rank;
    }

    @Override
    public int size() {
        return group.size;
    }

    @Override
    public void allReduce(Reduction reduction, float[] values, int from, int to) {
        Given.value(reduction, "allReduce", "a reduction");
        Ranges.require(values, from, to);
        int count = to - from;
        group.exchange(rank, "allReduce " + reduction + " of " + count + " float32", new Slice(values, from), all -> {
            Slice sum = (Slice) all[0];
            for (int other = 1; other < all.length; other++) {
                Slice slice = (Slice) all[other];
                reduction.into(sum.values, sum.from, slice.values, slice.from, count);
            }
            for (int other = 1; other < all.length; other++) {
                Slice slice = (Slice) all[other];
                System.arraycopy(sum.values, sum.from, slice.values, slice.from, count);
            }
            return null;
        });
    }

    private record Slice(float[] values, int from) {}

    @Override
    public void allReduce(Reduction reduction, double[] values, int from, int to) {
        Given.value(reduction, "allReduce", "a reduction");
        Ranges.require(values, from, to);
        int count = to - from;
        DoubleSlice own = new DoubleSlice(values, from);
        group.exchange(rank, "allReduce " + reduction + " of " + count + " float64", own, all -> {
            DoubleSlice sum = (DoubleSlice) all[0];
            for (int other = 1; other < all.length; other++) {
                DoubleSlice more = (DoubleSlice) all[other];
                for (int i = 0; i < count; i++) {
                    sum.values[sum.from + i] = reduction.of(sum.values[sum.from + i], more.values[more.from + i]);
                }
            }
            for (int other = 1; other < all.length; other++) {
                DoubleSlice slice = (DoubleSlice) all[other];
                System.arraycopy(sum.values, sum.from, slice.values, slice.from, count);
            }
            return null;
        });
    }

    private record DoubleSlice(double[] values, int from) {}

    @Override
    public void broadcast(float[] values, int from, int to, int root) {
        Ranges.require(values, from, to);
        Ranges.root(root, group.size);
        int count = to - from;
        group.exchange(rank, "broadcast of " + count + " float32 from rank " + root, new Slice(values, from), all -> {
            Slice source = (Slice) all[root];
            for (Object other : all) {
                Slice slice = (Slice) other;
                System.arraycopy(source.values, source.from, slice.values, slice.from, count);
            }
            return null;
        });
    }

    @Override
    public List<byte[]> allGather(byte[] own) {
        Ranges.gathered(own);
        Object[] all = (Object[]) group.exchange(rank, "allGather", own.clone(), Object[]::clone);
        List<byte[]> gathered = new ArrayList<>();
        for (Object one : all) {
            gathered.add(((byte[]) one).clone());
        }
        return gathered;
    }

    @Override
    public void abort(String reason) {
        group.end(() -> "Rank " + rank + " ended the group: " + reason, null);
    }

    @Override
    public void close() {
        group.end(() -> "Rank " + rank + " has left the group", null);
    }

    /** What the ranks share. */
    private static final class Group {
        private final int size;
        private final long timeoutMillis;
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition changed = lock.newCondition();

        /** Given by the ranks that have come to the call of this number. */
        private final Object[] given;

        private String call;
        private int arrived;
        private long calls;
        private Object result;
        private CollectiveException end;

        Group(int size, long timeoutMillis) {
            this.size = size;
            this.timeoutMillis = timeoutMillis;
            given = new Object[size];
        }

        /** Waits for all ranks; the last to come computes. */
        Object exchange(int rank, String name, Object own, java.util.function.Function<Object[], Object> compute) {
            lock.lock();
            try {
                requireOpen();
                if (arrived > 0 && !name.equals(call)) {
                    String text = "Rank " + rank + " calls " + name + " while others call " + call + Ranges.ALIKE;
                    end(() -> text, null);
                    requireOpen();
                }
                if (given[rank] != null) {
                    throw new IllegalStateException(
                            "Rank " + rank + " makes two calls at a time; a rank has one thread");
                }
                call = name;
                given[rank] = own;
                if (++arrived == size) {
                    result = compute.apply(given);
                    Arrays.fill(given, null);
                    arrived = 0;
                    calls++;
                    changed.signalAll();
                    return result;
                }
                await(rank, name);
                return result;
            } finally {
                lock.unlock();
            }
        }

        private void await(int rank, String name) {
            long mine = calls;
            long left = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
            while (calls == mine) {
                requireOpen();
                if (left <= 0) {
                    String missing = missing();
                    end(() -> "Rank " + rank + " waited " + timeoutMillis + " ms in " + name + " for " + missing, null);
                    requireOpen();
                }
                try {
                    left = changed.awaitNanos(left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    end(() -> "Rank " + rank + " was interrupted in " + name, e);
                    requireOpen();
                }
            }
        }

        private String missing() {
            List<String> missing = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                if (given[i] == null) {
                    missing.add("rank " + i);
                }
            }
            return String.join(", ", missing);
        }

        void end(Supplier<String> message, Throwable cause) {
            lock.lock();
            try {
                if (end == null) {
                    end = new CollectiveException(message.get(), cause);
                    changed.signalAll();
                }
            } finally {
                lock.unlock();
            }
        }

        private void requireOpen() {
            if (end != null) {
                throw new CollectiveException(end.getMessage(), end);
            }
        }
    }
}
