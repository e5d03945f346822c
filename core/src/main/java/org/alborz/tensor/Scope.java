package org.alborz.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.alborz.notice.CallSite;
import org.alborz.notice.Warnings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns tensors and closes them when it is closed.
 *
 * <p>Scopes nest: a new tensor belongs to the session's innermost scope. {@link #keep} hands a tensor to the scope outside, and
 * {@link #adopt} takes one over from wherever it is.
 */
public final class Scope implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Scope.class);
    private static final int INITIAL_CAPACITY = 32;

    /** Tensors outside of any scope, or in one scope, that look like a leak; both a power of two. */
    private static final int MANY_IN_SESSION = 4096;

    private static final int MANY_IN_SCOPE = 32_768;

    private final Session session;
    private final String name;
    private final Scope parent;
    private Tensor[] tensors;
    private int count;
    private boolean closed;
    private boolean warned;

    /** The tensors that only this scope may close; null while there are none. */
    private Set<Tensor> held;

    /** What else ends with the scope; null while there is nothing. */
    private List<AutoCloseable> resources;

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
        session.requireOwner();
        return count;
    }

    Scope parent() {
        return parent;
    }

    boolean isClosed() {
        return closed;
    }

    /**
     * Hands a tensor of this scope, or of one inside it, to the scope outside, so that it outlives this one. A tensor of another scope,
     * such as a model's parameter, stays where it is: it outlives this scope anyway.
     *
     * @return the same tensor
     */
    public Tensor keep(Tensor tensor) {
        session.requireOwner();
        if (parent == null) {
            throw new IllegalStateException(
                    "Scope '" + name + "' has no scope outside; adopt the tensor into another scope");
        }
        tensor.requireOpen();
        Scope owner = tensor.owner();
        while (owner != null && owner != this) {
            owner = owner.parent;
        }
        return tensor.owner() != null && owner == null ? tensor : parent.adopt(tensor);
    }

    /**
     * Takes over a tensor of this session from the scope that owns it.
     *
     * @return the same tensor
     */
    public Tensor adopt(Tensor tensor) {
        session.requireOwner();
        if (closed) {
            throw new IllegalStateException("Scope '" + name + "' is closed and cannot take " + tensor.describe());
        }
        tensor.requireOpen();
        if (tensor.session() != session) {
            throw new IllegalArgumentException("Scope '" + name + "' takes tensors of its own session on "
                    + session.backend().name() + ", got " + tensor.describe() + " of a session on "
                    + tensor.session().backend().name());
        }
        if (tensor.owner() != null) {
            tensor.owner().remove(tensor);
        }
        add(tensor);
        return tensor;
    }

    /**
     * Takes over a tensor as {@link #adopt} does, and holds it: until this scope is closed, closing the tensor or handing it to another
     * scope is refused. For what others may see and must not end, such as a model's parameters.
     *
     * @return the same tensor
     */
    public Tensor hold(Tensor tensor) {
        adopt(tensor);
        if (held == null) {
            held = new HashSet<>();
        }
        held.add(tensor);
        return tensor;
    }

    void add(Tensor tensor) {
        if (count == tensors.length) {
            warnOfLeak();
            tensors = Arrays.copyOf(tensors, 2 * count);
        }
        tensors[count] = tensor;
        tensor.ownedBy(this, count++);
    }

    /** Warns once of a scope that fills up; looked at only when its array grows. */
    private void warnOfLeak() {
        boolean outermost = session.isRoot(this);
        if (warned || count < (outermost ? MANY_IN_SESSION : MANY_IN_SCOPE)) {
            return;
        }
        warned = true;
        Warnings.warn(
                log,
                (outermost ? "The session's own scope" : "Scope '" + name + "'") + " holds " + count
                        + " tensors, which stay in memory until it is closed; the latest was made at "
                        + CallSite.current() + ". Open a scope around each step or request: try (Scope scope ="
                        + " session.scope(\"step\")) { ... }");
    }

    void remove(Tensor tensor) {
        if (held != null && held.contains(tensor)) {
            throw new IllegalStateException("Tensor " + tensor.describe() + " belongs to '" + name
                    + "' and cannot be closed or taken from it; a layer that closes its input may have been given a"
                    + " parameter. Leave it open, or use detach() for a handle of your own.");
        }
        int slot = tensor.slot();
        Tensor last = tensors[--count];
        tensors[count] = null;
        if (last != tensor) {
            tensors[slot] = last;
            last.ownedBy(this, slot);
        }
        tensor.ownedBy(null, 0);
    }

    /** Takes over what else is to be closed with this scope at the latest, such as a tape. */
    public void closeWithScope(AutoCloseable resource) {
        session.requireOwner();
        if (resources == null) {
            resources = new ArrayList<>(1);
        }
        resources.add(resource);
    }

    /** Says that what was to be closed with this scope is closed already. */
    public void closed(AutoCloseable resource) {
        session.requireOwner();
        if (resources != null) {
            resources.remove(resource);
        }
    }

    /** Closes the tensors and tapes of this scope and leaves it open for more. */
    public void clear() {
        session.requireOwner();
        held = null;
        while (resources != null && !resources.isEmpty()) {
            close(resources.remove(resources.size() - 1));
        }
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
        session.requireOwner();
        session.leave(this);
        clear();
        closed = true;
        session.recycle(tensors);
    }

    private void close(AutoCloseable resource) {
        try {
            resource.close();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("What was to be closed with scope '" + name + "' could not be", e);
        }
    }

    @Override
    public String toString() {
        return "scope '" + name + "' with " + count + " tensors";
    }
}
