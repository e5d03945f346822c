package org.alborz.cpu.scalar;

/** Sorts numbers by merging, so that equal ones keep their order, and tells where each of them was. */
final class StableSort {
    private int[] order;
    private int[] merged;

    /** @param size how many numbers there are */
    StableSort(int size) {
        order = new int[size];
        merged = new int[size];
    }

    /** Returns the places of the numbers in ascending order; valid until the next call. */
    int[] order(long[] keys) {
        for (int i = 0; i < order.length; i++) {
            order[i] = i;
        }
        for (long width = 1; width < order.length; width *= 2) {
            for (long start = 0; start < order.length; start += 2 * width) {
                int middle = (int) Math.min(order.length, start + width);
                merge(keys, (int) start, middle, (int) Math.min(order.length, start + 2 * width));
            }
            int[] swapped = order;
            order = merged;
            merged = swapped;
        }
        return order;
    }

    private void merge(long[] keys, int start, int middle, int end) {
        int left = start;
        int right = middle;
        for (int i = start; i < end; i++) {
            boolean takesLeft = right == end || left < middle && keys[order[left]] <= keys[order[right]];
            merged[i] = takesLeft ? order[left++] : order[right++];
        }
    }
}
