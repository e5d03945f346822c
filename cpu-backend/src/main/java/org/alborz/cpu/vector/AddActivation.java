package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;
import org.alborz.backend.Operand;
import org.alborz.type.Activation;

/**
 * Adds an addend to results and applies the activation, right after a kernel has stored them and while they are still in the cache. The
 * kernels themselves have no registers left for it.
 */
final class AddActivation {
    private float floor;
    private float ceiling;
    private float[] addend;
    private int ahead;

    /**
     * Prepares for one run.
     *
     * @param more what is added, laid out as the results are, or null
     */
    void start(Operand more, Activation activation, Operand results) {
        floor = Floats.floor(activation);
        ceiling = Floats.ceiling(activation);
        addend = more == null ? null : Floats.of(more);
        ahead = more == null ? 0 : Floats.at(more) - Floats.at(results);
    }

    /** Releases the references to the run's memory. */
    void end() {
        addend = null;
    }

    /** Tells whether there is anything to add. */
    boolean adds() {
        return addend != null;
    }

    /** Finishes {@code count} results from {@code at} on. */
    void finish(float[] results, int at, int count) {
        if (addend != null) {
            add(results, at, addend, at + ahead, count, floor, ceiling);
        } else {
            bound(results, at, count, floor, ceiling);
        }
    }

    /** Adds {@code count} numbers to results, which become at least {@code floor} and at most {@code ceiling}. */
    static void add(float[] results, int at, float[] more, int moreAt, int count, float floor, float ceiling) {
        int ahead = moreAt - at;
        int end = at + count;
        int i = at;
        for (; i <= end - L; i += L) {
            FloatVector term = FloatVector.fromArray(S, more, i + ahead);
            FloatVector sum = FloatVector.fromArray(S, results, i).add(term);
            sum.max(floor).min(ceiling).intoArray(results, i);
        }
        for (; i < end; i++) {
            results[i] = Math.min(Math.max(results[i] + more[i + ahead], floor), ceiling);
        }
    }

    /** Makes {@code count} results at least {@code floor} and at most {@code ceiling}. */
    static void bound(float[] results, int at, int count, float floor, float ceiling) {
        if (floor == Float.NEGATIVE_INFINITY) {
            return;
        }
        int end = at + count;
        int i = at;
        for (; i <= end - L; i += L) {
            FloatVector.fromArray(S, results, i).max(floor).min(ceiling).intoArray(results, i);
        }
        for (; i < end; i++) {
            results[i] = Math.min(Math.max(results[i], floor), ceiling);
        }
    }
}
