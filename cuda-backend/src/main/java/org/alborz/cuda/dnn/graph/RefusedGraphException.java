package org.alborz.cuda.dnn.graph;

import java.io.Serial;
import jcuda.jcudnn.JCudnn;
import org.alborz.cuda.dnn.Dnn;

/** What cuDNN answered instead of making or running a plan for a graph; the device still works, so that separate calls may succeed. */
final class RefusedGraphException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    private final Reason reason;

    /** Why there is no plan. */
    enum Reason {
        /** cuDNN has no engine for such a graph. */
        UNSUPPORTED,
        /** cuDNN found a mistake in the graph. */
        MISTAKE,
        /** cuDNN could not load or compile an engine that it has. */
        FAILURE
    }

    RefusedGraphException(String message, Reason reason) {
        super(message);
        this.reason = reason;
    }

    Reason reason() {
        return reason;
    }

    /** Passes a call that succeeded; faults of the device become a {@link org.alborz.cuda.driver.CudaException}, other statuses this exception. */
    static void check(int status, String call) {
        if (status == 0 || Dnn.isDeviceFault(status)) {
            Dnn.check(status, call);
        } else {
            throw new RefusedGraphException(
                    call + ": " + JCudnn.cudnnGetErrorString(status) + " (" + status + ")", reasonOf(status));
        }
    }

    private static Reason reasonOf(int status) {
        if (Dnn.isNotSupported(status)) {
            return Reason.UNSUPPORTED;
        }
        return Dnn.isBadParameter(status) ? Reason.MISTAKE : Reason.FAILURE;
    }
}
