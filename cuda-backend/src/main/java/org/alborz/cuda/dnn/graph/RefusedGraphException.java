package org.alborz.cuda.dnn.graph;

import java.io.Serial;
import jcuda.jcudnn.JCudnn;
import org.alborz.cuda.dnn.Dnn;

/** What cuDNN said instead of making a plan for a graph. */
final class RefusedGraphException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    private final boolean isUnsupported;

    RefusedGraphException(String message, boolean isUnsupported) {
        super(message);
        this.isUnsupported = isUnsupported;
    }

    /** Tells whether cuDNN has no engine for such a graph, rather than having found a mistake in it. */
    boolean isUnsupported() {
        return isUnsupported;
    }

    /** Passes a call that succeeded; statuses that are about the graph become this exception, others a {@link org.alborz.cuda.driver.CudaException}. */
    static void check(int status, String call) {
        boolean isUnsupported = Dnn.isNotSupported(status);
        if (isUnsupported || Dnn.isBadParameter(status)) {
            throw new RefusedGraphException(
                    call + ": " + JCudnn.cudnnGetErrorString(status) + " (" + status + ")", isUnsupported);
        }
        Dnn.check(status, call);
    }
}
