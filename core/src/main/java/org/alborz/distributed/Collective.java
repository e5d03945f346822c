package org.alborz.distributed;

import java.util.List;

/**
 * A group of ranks, numbered from 0, that exchange numbers. Every rank makes the same calls in the same order, each from one thread at a
 * time; a call returns when this rank has its result.
 *
 * <p>A rank that fails, ends or does not answer within the time-out ends the group: all calls of all ranks then throw
 * {@link CollectiveException}, which names the rank and the cause as far as they are known.
 */
public interface Collective extends AutoCloseable {
    /** Returns this rank's number. */
    int rank();

    /** Returns how many ranks there are. */
    int size();

    /**
     * Replaces the values from {@code from} to before {@code to} by those of all ranks together, the same bits in every rank.
     *
     * @throws CollectiveException when the group has ended, or another rank is at another call
     */
    void allReduce(Reduction reduction, float[] values, int from, int to);

    /** Replaces the values from {@code from} to before {@code to} by those of all ranks together, likewise. */
    void allReduce(Reduction reduction, double[] values, int from, int to);

    /** Replaces all values by those of all ranks together, likewise. */
    default void allReduce(Reduction reduction, double[] values) {
        allReduce(reduction, values, 0, values.length);
    }

    /** Replaces the values from {@code from} to before {@code to} by those of rank {@code root}. */
    void broadcast(float[] values, int from, int to, int root);

    /** Returns what each rank gave, by rank; ranks may give different lengths, each up to 64 MiB. */
    List<byte[]> allGather(byte[] own);

    /** Returns when every rank has called it. */
    default void barrier() {
        allGather(new byte[0]);
    }

    /**
     * Ends the group for all ranks; does nothing where it has ended.
     *
     * @param reason why, which the other ranks' exceptions say
     */
    void abort(String reason);

    /** Leaves the group. Other ranks that still need this one get an exception. */
    @Override
    void close();
}
