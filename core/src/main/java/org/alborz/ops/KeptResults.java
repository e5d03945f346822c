package org.alborz.ops;

import java.util.ArrayList;
import java.util.List;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.tensor.TensorAccess;
import org.alborz.type.Layout;

/**
 * What evaluation computes of parameters alone, such as a filter with batch norm's factors in it: kept from pass to pass until a parameter
 * changes.
 *
 * <p>Sources are known by their memories, versions and layouts; they are not kept open. A result is kept when the same sources come a second
 * time, unchanged, so nothing is kept of what each pass computes again. Nothing is kept either of what a tape records, while a listener
 * hears the operations, where the backend captures graphs, whose replays change tensors without the engine, and of memory that another
 * session lends: a predictor's sessions hold no weights of their own. A closed model and a closed session release what is kept.
 */
public final class KeptResults {
    private static final int MOST = 512;

    /** Numbers beyond which {@link #isWorthMaking} denies: 256 MiB of float32. */
    private static final long MOST_ELEMENTS = 1L << 26;

    private final Engine engine;
    private final List<Entry> entries = new ArrayList<>();

    /** Where the next search begins: passes ask in the same order. */
    private int next;

    /** Owns the results; null while there are none. */
    private Scope scope;

    KeptResults(Engine engine) {
        this.engine = engine;
    }

    /**
     * Returns a kept result, which stays open for this pass, or null where it has to be computed.
     *
     * @param what is computed, with its settings: compared by {@code equals}
     * @param sources what it is computed of; null for one that is left out
     */
    public Tensor find(Object what, Tensor... sources) {
        engine.lookahead().settleTraining();
        Entry entry = isKept(sources) ? entry(what, sources) : null;
        if (entry == null) {
            return null;
        }
        if (!entry.isCurrent(sources)) {
            entry.release();
            return null;
        }
        return entry.result;
    }

    /**
     * Takes what was computed where {@link #find} found nothing, and keeps it if the sources have come before.
     *
     * @return the same result
     */
    public Tensor keep(Object what, Tensor result, Tensor... sources) {
        if (!isKept(sources)) {
            return result;
        }
        Entry entry = entry(what, sources);
        if (entry == null) {
            add(new Entry(what, sources));
        } else if (!entry.isCurrent(sources)) {
            entry.release();
            entry.note(sources);
        } else if (entry.result == null) {
            if (scope == null) {
                scope = engine.session().freeStandingScope("kept for evaluation");
            }
            entry.result = scope.adopt(result);
        }
        return result;
    }

    /**
     * Tells whether a result would be kept now, because its sources have come before; notes them if not. Asked where {@link #find} found
     * nothing and where it is computed only to be kept.
     *
     * @param elements how many numbers it has: results that hold more than {@link #MOST_ELEMENTS} together are not kept
     */
    boolean isWorthMaking(Object what, long elements, Tensor... sources) {
        if (!isKept(sources)) {
            return false;
        }
        Entry entry = entry(what, sources);
        if (entry == null || !entry.isCurrent(sources)) {
            keep(what, null, sources);
            return false;
        }
        forgetEnded();
        long held = elements;
        for (int i = 0; i < entries.size(); i++) {
            Tensor result = entries.get(i).result;
            held += result == null ? 0 : result.shape().elements();
        }
        return held <= MOST_ELEMENTS;
    }

    /** Forgets the oldest sources that came once only where there are too many: what is kept may be in use. */
    private void add(Entry entry) {
        forgetEnded();
        if (entries.size() == MOST) {
            for (int i = 0; i < entries.size(); i++) {
                if (entries.get(i).result == null) {
                    entries.remove(i);
                    break;
                }
            }
        }
        if (entries.size() < MOST) {
            entries.add(entry);
        }
    }

    /** Releases what was computed of memory that is given back, the results first that were computed of results. */
    private void forgetEnded() {
        for (int i = 0; i < entries.size(); i++) {
            if (!entries.get(i).isOfOpenMemory()) {
                entries.remove(i).release();
                i = -1; // what was computed of its result has ended now
            }
        }
    }

    /** Releases everything; it is computed again when it is needed. */
    public void clear() {
        entries.clear();
        if (scope != null) {
            scope.close();
            scope = null;
        }
    }

    private boolean isKept(Tensor[] sources) {
        if (engine.isHeard() || engine.session().backend().graphCapture().isPresent()) {
            return false;
        }
        for (Tensor source : sources) {
            if (source != null && !isPlain(source)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isPlain(Tensor source) {
        return TensorAccess.deferredBy(source) == null
                && TensorAccess.node(source) == null
                && !TensorAccess.isBorrowed(source);
    }

    private Entry entry(Object what, Tensor[] sources) {
        for (int i = 0; i < entries.size(); i++) {
            int at = (next + i) % entries.size();
            Entry entry = entries.get(at);
            if (entry.isOf(what, sources)) {
                next = at + 1;
                return entry;
            }
        }
        return null;
    }

    private static final class Entry {
        private final Object what;
        private final long[] memories;
        private final Layout[] layouts;
        private final int[] versions;
        private final Object[] holders;
        private Tensor result;

        Entry(Object what, Tensor[] sources) {
            this.what = what;
            this.memories = new long[sources.length];
            this.layouts = new Layout[sources.length];
            this.versions = new int[sources.length];
            this.holders = new Object[sources.length];
            for (int i = 0; i < sources.length; i++) {
                if (sources[i] != null) {
                    memories[i] = sources[i].memoryId();
                    holders[i] = TensorAccess.holder(sources[i]);
                    layouts[i] = sources[i].layout();
                }
            }
            note(sources);
        }

        boolean isOfOpenMemory() {
            for (int i = 0; i < memories.length; i++) {
                if (holders[i] != null && !TensorAccess.isHeld(holders[i], memories[i])) {
                    return false;
                }
            }
            return true;
        }

        void note(Tensor[] sources) {
            for (int i = 0; i < sources.length; i++) {
                versions[i] = sources[i] == null ? 0 : sources[i].version();
            }
        }

        boolean isOf(Object other, Tensor[] sources) {
            if (memories.length != sources.length || !what.equals(other)) {
                return false;
            }
            for (int i = 0; i < memories.length; i++) {
                boolean same = sources[i] == null
                        ? layouts[i] == null
                        : memories[i] == sources[i].memoryId()
                                && sources[i].layout().equals(layouts[i]);
                if (!same) {
                    return false;
                }
            }
            return true;
        }

        boolean isCurrent(Tensor[] sources) {
            for (int i = 0; i < versions.length; i++) {
                if (sources[i] != null && versions[i] != sources[i].version()) {
                    return false;
                }
            }
            return true;
        }

        void release() {
            if (result != null) {
                result.close();
                result = null;
            }
        }
    }
}
