package org.alborz.ops;

import org.alborz.tensor.Deferred;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.tensor.TensorAccess;
import org.alborz.type.Layout;
import org.alborz.type.Pool2dParameters;

/**
 * The gradient of a max pooling in a tensor that is computed when it is read. {@link BiasBackward} does not read it but computes it together
 * with what comes next, and then it is never computed by itself.
 */
final class DeferredPooling implements Deferred {
    private final Pool2dParameters p;
    private final Tensor x;
    private final Tensor pooled;
    private final Tensor dy;
    private final String layer;
    private final boolean isBackward;
    private final Tensor result;

    private DeferredPooling(Pool2dParameters p, Tensor x, Tensor pooled, Tensor dy) {
        Session session = x.session();
        LayerPaths layers = session.engine().layers();
        this.p = p;
        this.x = TensorAccess.retained(x, null);
        this.pooled = TensorAccess.retained(pooled, null);
        this.dy = TensorAccess.retained(dy, null);
        this.layer = layers.current();
        this.isBackward = layers.isBackward();
        this.result = TensorAccess.deferred(session, x.dtype(), Layout.channelsLast(x.shape()), this);
    }

    /** Returns the gradient of the images x, of which {@code pooled} are the largest elements and have the gradient dy. */
    static Tensor gradient(Pool2dParameters p, Tensor x, Tensor pooled, Tensor dy) {
        return new DeferredPooling(p, x, pooled, dy).result;
    }

    /** Returns what a gradient is to be computed of, where it is that of a pooling of the images y and not there yet; else null. */
    static DeferredPooling of(Tensor gradient, Tensor y) {
        return TensorAccess.deferredBy(gradient) instanceof DeferredPooling pooling
                        && TensorAccess.sharesMemory(pooling.x, y)
                        && pooling.x.layout().equals(y.layout())
                ? pooling
                : null;
    }

    Pool2dParameters p() {
        return p;
    }

    Tensor pooled() {
        return pooled;
    }

    Tensor dy() {
        return dy;
    }

    @Override
    public void compute() {
        Engine engine = x.session().engine();
        LayerPaths layers = engine.layers();
        String outer = layers.current();
        boolean before = layers.backward(isBackward);
        int heard = engine.hear();
        Tensor handle = result.isClosed() ? TensorAccess.reopened(result) : result;
        layers.at(layer);
        try (Scope scope = x.session().scope("deferred")) {
            Engine.fulfil(handle, new MaxPool2dBackward(p), x, pooled, dy);
        } finally {
            engine.hearAt(heard);
            layers.at(outer);
            layers.backward(before);
            if (TensorAccess.deferredBy(handle) != this) {
                abandon();
            }
            if (handle != result) {
                handle.close();
            }
        }
    }

    @Override
    public void abandon() {
        x.close();
        pooled.close();
        dy.close();
    }
}
