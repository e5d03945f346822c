package org.alborz.cuda.dnn;

import static jcuda.jcudnn.JCudnn.cudnnPoolingForward;

import jcuda.Pointer;
import jcuda.jcudnn.cudnnPoolingDescriptor;
import jcuda.jcudnn.cudnnTensorDescriptor;
import org.alborz.cuda.driver.Resources;
import org.alborz.cuda.driver.WorkKind;

/** One taking of the largest elements, of fixed sizes. */
public final class PoolingPlan implements AutoCloseable {
    private final Dnn dnn;
    private final PoolingKey key;
    private final Resources resources = new Resources();
    private final cudnnTensorDescriptor x;
    private final cudnnTensorDescriptor y;
    private final cudnnPoolingDescriptor pooling;

    public PoolingPlan(Dnn dnn, PoolingKey key) {
        this.dnn = dnn;
        this.key = key;
        try {
            this.x = Descriptors.images(resources, key.dtype(), key.x());
            this.y = Descriptors.images(resources, key.dtype(), key.y());
            this.pooling = Descriptors.pooling(resources, key.parameters());
        } catch (RuntimeException | Error e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    /**
     * Pools.
     *
     * @return whether it was done; false where cuDNN does not support it
     */
    public boolean forward(Pointer from, Pointer into) {
        int status = cudnnPoolingForward(dnn.handle(), pooling, dnn.one(), x, from, dnn.zero(), y, into);
        if (status != 0 && !Dnn.isNotSupported(status)) {
            Dnn.check(status, "cudnnPoolingForward of " + key);
        }
        if (status == 0 && dnn.stream().isObserved()) {
            long elements = key.x().elements() + key.y().elements();
            dnn.stream()
                    .tell(
                            WorkKind.POOLING,
                            "max pooling",
                            elements * key.dtype().bytes(),
                            0);
        }
        return status == 0;
    }

    @Override
    public void close() {
        resources.close();
    }
}
