package org.alborz.tensor;

import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.alborz.backend.Backend;

/**
 * Tensors of one session that sessions of other threads read in place, so that there is one copy of a model's weights.
 *
 * <p>While it is open the tensors are read-only for all, their own session included: what would change them throws. Its user closes
 * the readers first, then this, and does both at the latest when the scope of the tensors is closed.
 */
public final class SharedTensors implements AutoCloseable {
    private final Session lender;
    private final AutoCloseable user;
    private final Set<Storage> storages = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<Scope> scopes = Collections.newSetFromMap(new IdentityHashMap<>());
    private boolean closed;

    /**
     * Shares tensors, once all work that is queued for their session is done.
     *
     * @param lender the tensors' session
     * @param user closed before the memory is: it ends the readers and closes this
     */
    public SharedTensors(Session lender, Collection<Tensor> tensors, AutoCloseable user) {
        this.user = user;
        this.lender = lender;
        lender.check();
        lender.engine().lookahead().settle();
        lender.backend().synchronize();
        for (Tensor tensor : tensors) {
            tensor.requireOpen();
            storages.add(tensor.storage());
            scopes.add(tensor.owner());
        }
        storages.forEach(Storage::lend);
        scopes.forEach(scope -> scope.closeWithScope(user));
    }

    /**
     * Opens a session on a backend of its own that can read the tensors; it belongs to the calling thread.
     *
     * @param threads how many threads its backend computes with
     * @throws IllegalStateException when the backend cannot share memory
     */
    public Session openReader(int threads) {
        Backend backend = lender.backend();
        Backend sibling = backend.sibling(threads)
                .orElseThrow(() -> new IllegalStateException("The backend " + backend.name()
                        + " cannot share its memory between sessions; use one of cpu-vector, cpu-scalar and cuda, or a model for"
                        + " each session"));
        try {
            return Session.of(sibling, lender.dtype());
        } catch (RuntimeException | Error e) {
            sibling.close();
            throw e;
        }
    }

    /** Returns tensors of a reader over the memory of the given ones, in its innermost scope, which holds them; in the same order. */
    public List<Tensor> in(Session reader, List<Tensor> tensors) {
        Scope scope = reader.innermostScope();
        return tensors.stream().map(tensor -> borrowed(reader, tensor, scope)).toList();
    }

    private Tensor borrowed(Session reader, Tensor tensor, Scope scope) {
        if (!storages.contains(tensor.storage())) {
            throw new IllegalArgumentException("A reader expects a tensor that is shared, got " + tensor.describe());
        }
        Tensor alias = new Tensor(tensor.storage().readBy(reader), tensor.layout()).named(tensor.name());
        scope.add(alias);
        return scope.hold(alias);
    }

    /** Ends the sharing, after the readers are closed: the tensors can be changed again. Can be called from any thread. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        storages.forEach(Storage::endLoan);
        if (lender.isOwnedByThisThread()) {
            scopes.forEach(scope -> scope.closed(user)); // otherwise they close it once more, which does nothing
        }
        storages.clear();
        scopes.clear();
    }
}
