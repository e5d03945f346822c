package org.alborz.data;

/** The places of samples in a dataset. */
final class Samples {
    private static final int LONGEST_ARRAY = Integer.MAX_VALUE - 8;

    private Samples() {}

    /** Returns the index of a sample; refuses one that there is not. */
    static int index(int index, Dataset dataset) {
        if (index < 0 || index >= dataset.size()) {
            throw new IndexOutOfBoundsException("A sample from 0 to " + (dataset.size() - 1) + " is expected, got "
                    + index + "; of " + dataset.description());
        }
        return index;
    }

    /** Returns the numbers from {@code from} up to but not including {@code to}; refuses more than Java has memory for. */
    static int[] range(int from, int to, Dataset dataset) {
        requireMemory(to - from, 0, dataset);
        int[] indices = new int[to - from];
        for (int i = 0; i < indices.length; i++) {
            indices[i] = from + i;
        }
        return indices;
    }

    /** Refuses what Java has no memory for: the indices of the given number of samples, and the given number of bytes beside them. */
    static void requireMemory(int samples, long others, Dataset dataset) {
        long bytes = (long) samples * Integer.BYTES + others;
        long most = Runtime.getRuntime().maxMemory();
        if (samples > LONGEST_ARRAY || bytes > most) {
            throw new IllegalArgumentException("The indices of " + samples + " samples take "
                    + ((long) samples * Integer.BYTES >> 20) + " MB, and Java may use " + (most >> 20)
                    + " MB; give Java more (-Xmx), or use a dataset of fewer samples than " + dataset.description());
        }
    }
}
