package org.alborz.tensor;

import java.util.Arrays;

/**
 * Owns tensors and closes them when it is closed.
 *
 * <p>Scopes nest: a new tensor belongs to the session's innermost scope. {@link #keep} hands a tensor to the scope outside, and
 * {@link #adopt} takes one over from wherever it is.
 */
public final class Scope implements AutoCloseable {
    private static final int INITIAL_CAPACITY = 32;

    private final Session session;
    private final String name;
    private final Scope parent;
    private Tensor[] tensors;
    private int count;
    private boolean closed;

    Scope(Session session, String name, Scope parent, Tensor[] spare) {
        this.session = session;
        this.name = name;
        this.parent = parent;
        this.tensors = spare == null ? new Tensor[INITIAL_CAPACITY] : spare;
    }

    /** Returns the name that messages give it. */
    public String name() {
        return name;
    }

    /** Returns how many open tensors belong to this scope. */
    public int size() {
        return count;
    }

    Scope parent() {
        return parent;
    }

    boolean isClosed() {
        return closed;
    }

    /**
     * Hands a tensor of this scope to the one outside, so that it outlives this scope.
     *
     * @return the same tensor
     */
    public Tensor keep(Tensor tensor) {
        if (parent == null) {
            throw new IllegalStateException(
                    "Scope '" + name + "' has no scope outside; adopt the tensor into another scope");
        }
        return parent.adopt(tensor);
    }

    /**
     * Takes over a tensor from the scope that owns it.
     *
     * @return the same tensor
     */
    public Tensor adopt(Tensor tensor) {
        if (closed) {
            throw new IllegalStateException("Scope '" + name + "' is closed and cannot take " + tensor.describe());
        }
        tensor.requireOpen();
        if (tensor.owner() != null) {
            tensor.owner().remove(tensor);
        }
        add(tensor);
        return tensor;
    }

    void add(Tensor tensor) {
        if (count == tensors.length) {
            tensors = Arrays.copyOf(tensors, 2 * count);
        }
        tensors[count] = tensor;
        tensor.ownedBy(this, count++);
    }

    void remove(Tensor tensor) {
        int slot = tensor.slot();
        Tensor last = tensors[--count];
        tensors[count] = null;
        if (last != tensor) {
            tensors[slot] = last;
            last.ownedBy(this, slot);
        }
        tensor.ownedBy(null, 0);
    }

    /** Closes the tensors of this scope and leaves it open for more. */
    public void clear() {
        while (count > 0) {
            tensors[count - 1].close();
        }
    }

    /** Closes the tensors of this scope and every scope opened inside it that is still open. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        session.leave(this);
        clear();
        closed = true;
        session.recycle(tensors);
    }

    @Override
    public String toString() {
        return "scope '" + name + "' with " + count + " tensors";
    }
}
