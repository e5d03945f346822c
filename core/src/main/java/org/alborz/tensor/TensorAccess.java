package org.alborz.tensor;

import org.alborz.autograd.Node;
import org.alborz.type.DType;
import org.alborz.type.Layout;

/**
 * What operations and tapes do with tensors, and programs have no use for: they live in other packages, and Java has nothing between
 * public and package-private.
 */
public final class TensorAccess {
    private TensorAccess() {}

    /**
     * Returns a tensor of another layout over the same memory, in the innermost scope; it is not recorded.
     *
     * @throws IllegalArgumentException when the layout reaches beyond the memory
     */
    public static Tensor view(Tensor tensor, Layout layout) {
        return tensor.view(layout);
    }

    /** Returns another handle that no scope owns; whoever asked for it closes it. */
    public static Tensor retained(Tensor tensor, Node recordedAt) {
        return tensor.retained(recordedAt);
    }

    /**
     * Takes a handle out of the scope that owns it; whoever asked for that closes it.
     *
     * @throws IllegalStateException if no scope owns it, as when it was given away before
     */
    public static Tensor unowned(Tensor tensor) {
        return tensor.unowned();
    }

    /** Says that a tape recorded a tensor as the result of a node. */
    public static Tensor recordedAt(Tensor tensor, Node at) {
        return tensor.recordedAt(at);
    }

    /** Returns where a tape recorded a tensor, or null where none watches it. */
    public static Node node(Tensor tensor) {
        return tensor.node();
    }

    /** Returns the int32 numbers from {@code start} to before {@code end}, which the session keeps, and nobody may change or close. */
    public static Tensor range(Session session, int start, int end) {
        return session.constants().range(start, end);
    }

    /** Gives back the memory of all such numbers, for tests that look for what was never closed; no captured step may read them afterwards. */
    public static void releaseConstants(Session session) {
        session.constants().clear();
    }

    /** Refuses a tensor that cannot be written to. */
    public static void requireWritable(Tensor tensor, String method) {
        tensor.requireWritable(method);
    }

    /** Announces that the content is about to be changed in place, so that gradients which saved it can refuse it. */
    public static void changedInPlace(Tensor tensor) {
        tensor.changedInPlace();
    }

    /** Tells whether the content was changed in place since this handle was made. */
    public static boolean isStale(Tensor tensor) {
        return tensor.isStale();
    }

    /**
     * Returns a tensor, in the innermost scope, whose values are computed when they are first read.
     *
     * @param layout a dense one at offset 0
     */
    public static Tensor deferred(Session session, DType dtype, Layout layout, Deferred source) {
        return session.deferred(dtype, layout, source);
    }

    /** Returns what computes a tensor's values, or null where they are there. */
    public static Deferred deferredBy(Tensor tensor) {
        return tensor.storage().deferred();
    }

    /** Returns a handle that no scope owns, of a deferred tensor of which this handle may be closed, but another is open. */
    public static Tensor reopened(Tensor deferred) {
        return new Tensor(deferred.storage().retain(), deferred.layout());
    }

    /** Tells whether two tensors are handles of the same memory. */
    public static boolean sharesMemory(Tensor a, Tensor b) {
        return a.storage() == b.storage();
    }

    /** Returns what holds a tensor's memory now, for {@link #isHeld}; it keeps nothing open. */
    public static Object holder(Tensor tensor) {
        return tensor.storage();
    }

    /** Tells whether a holder still has the memory of an identity. */
    public static boolean isHeld(Object holder, long memory) {
        Storage storage = (Storage) holder;
        return storage.users() > 0 && storage.id() == memory;
    }

    /** Tells whether the memory belongs to another session, as a model's does in a predictor. */
    public static boolean isBorrowed(Tensor tensor) {
        return tensor.storage().isBorrowed();
    }

    /** Gives a deferred tensor memory, into which its values are computed now. */
    public static void allocate(Tensor deferred) {
        deferred.storage().allocate(deferred.shape().elements());
    }

    /** Tells whether no other handle shares a tensor's memory, so that it may be overwritten. */
    public static boolean isExclusive(Tensor tensor) {
        return tensor.isExclusive();
    }
}
