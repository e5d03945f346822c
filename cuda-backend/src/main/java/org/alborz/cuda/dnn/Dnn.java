package org.alborz.cuda.dnn;

import static jcuda.jcudnn.JCudnn.cudnnCreate;
import static jcuda.jcudnn.JCudnn.cudnnDestroy;
import static jcuda.jcudnn.JCudnn.cudnnGetErrorString;
import static jcuda.jcudnn.JCudnn.cudnnGetVersion;
import static jcuda.jcudnn.JCudnn.cudnnSetStream;

import java.nio.file.Path;
import java.util.Optional;
import jcuda.Pointer;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnHandle;
import org.alborz.cuda.driver.CudaException;
import org.alborz.cuda.driver.PinnedMemory;
import org.alborz.cuda.driver.Resources;
import org.alborz.cuda.driver.Stream;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.DType;
import org.alborz.type.Pool2dParameters;

/** cuDNN on one stream, and the factors 1 and 0 that its calls take by pointer. */
public final class Dnn implements AutoCloseable {
    /** Bytes that the address of a tensor is a multiple of, for cuDNN to take any of its kernels. */
    public static final int ALIGNMENT = 16;

    /** The largest stride, dilation, padding or window that cuDNN is asked for: its arithmetic on larger ones is not documented. */
    private static final int LARGEST_WINDOW = 1 << 14;

    private static final int ONE = 0;
    private static final int ZERO = 4;

    private final Stream stream;
    private final boolean tf32;
    private final Handle handle = new Handle();
    private final Resources resources = new Resources();
    private final Pointer one;
    private final Pointer zero;
    private final AlgorithmFile algorithms;

    private static final class Handle extends cudnnHandle {
        long address() {
            return getNativePointer();
        }
    }

    /**
     * Opens cuDNN.
     *
     * @param tf32 whether convolutions of float32 may round their factors to TF32 (10 bits of fraction)
     * @param algorithms the file of algorithms that are timed once for each shape; without one, cuDNN's heuristics choose
     */
    public Dnn(Stream stream, boolean tf32, Optional<Path> algorithms) {
        this.stream = stream;
        this.tf32 = tf32;
        stream.context().makeCurrent();
        try {
            PinnedMemory factors = resources.add(new PinnedMemory(2 * Float.BYTES));
            factors.bytes().putFloat(ONE, 1).putFloat(ZERO, 0);
            one = factors.at(ONE);
            zero = factors.at(ZERO);
            check(cudnnCreate(handle), "cudnnCreate");
            resources.add(() -> check(cudnnDestroy(handle), "cudnnDestroy"));
            check(cudnnSetStream(handle, stream.forLibraries()), "cudnnSetStream");
            String machine = stream.context().device().name() + ", cuDNN " + cudnnGetVersion() + (tf32 ? ", TF32" : "");
            this.algorithms =
                    algorithms.map(file -> new AlgorithmFile(file, machine)).orElse(null);
        } catch (RuntimeException | Error e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    /** Tells whether cuDNN is used for a type: with channels last, it has nothing for float64. */
    public static boolean serves(DType dtype) {
        return dtype == DType.FLOAT32 || dtype == DType.FLOAT16 || dtype == DType.BFLOAT16;
    }

    /**
     * Tells whether cuDNN is used for such windows; what goes far beyond an image is left to our own kernels, and
     * so is padding that differs on opposite sides, which it does not support.
     */
    public static boolean serves(Conv2dParameters p) {
        int largest = Math.max(Math.max(p.strideH(), p.strideW()), Math.max(p.dilationH(), p.dilationW()));
        return p.padding().isSymmetric() && Math.max(largest, p.padding().largest()) <= LARGEST_WINDOW;
    }

    /** Tells the same of pooling; windows with gaps, and those that are not whole, are not asked for either. */
    public static boolean serves(Pool2dParameters p) {
        int largest = Math.max(Math.max(p.strideH(), p.strideW()), Math.max(p.kernelH(), p.kernelW()));
        boolean plain = p.padding().isSymmetric() && p.dilationH() == 1 && p.dilationW() == 1 && !p.ceil();
        return plain && largest <= LARGEST_WINDOW;
    }

    /** Returns the handle as a number, for attributes of descriptors. */
    public long handleAddress() {
        return handle.address();
    }

    /** Returns the handle for a call, before which the stream settles. */
    public cudnnHandle handle() {
        stream.context().makeCurrent();
        stream.settle();
        return handle;
    }

    /** Returns the stream that all calls go to. */
    public Stream stream() {
        return stream;
    }

    /** Returns the algorithms that were timed, or null where none are. */
    public AlgorithmFile algorithms() {
        return algorithms;
    }

    Pointer one() {
        return one;
    }

    Pointer zero() {
        return zero;
    }

    /** Tells whether convolutions of float32 may round their factors to TF32. */
    public boolean tf32() {
        return tf32;
    }

    public static int typeOf(DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> cudnnDataType.CUDNN_DATA_FLOAT;
            case FLOAT16 -> cudnnDataType.CUDNN_DATA_HALF;
            case BFLOAT16 -> cudnnDataType.CUDNN_DATA_BFLOAT16;
            case FLOAT64, INT32, INT64, UINT8, BOOL ->
                throw new IllegalArgumentException("cuDNN is not used for " + dtype);
        };
    }

    /** Passes a call that succeeded; the texts come from the library, since codes differ between its versions. */
    public static void check(int status, String call) {
        if (status != 0) {
            throw new CudaException(call + " failed: " + cudnnGetErrorString(status) + " (" + status + ").", status);
        }
    }

    /** Tells whether the status is one of those that mean "not supported": 9 up to cuDNN 8, 3000 to 3999 in cuDNN 9. */
    public static boolean isNotSupported(int status) {
        return status == 9 || status / 1000 == 3;
    }

    /**
     * Tells whether the status is one of those of a device that fails or is out of memory, after which other calls fail as well: 2 and 8 up to
     * cuDNN 8; 4003, 4004 and 5000 to 5999 in cuDNN 9.
     */
    public static boolean isDeviceFault(int status) {
        return switch (status) {
            case 2, 8, 4003, 4004 -> true;
            default -> status / 1000 == 5;
        };
    }

    /** Tells whether the status is one of those that mean a wrong argument: 3 up to cuDNN 8, 2000 to 2999 in cuDNN 9. */
    public static boolean isBadParameter(int status) {
        return status == 3 || status / 1000 == 2;
    }

    @Override
    public void close() {
        stream.context().makeCurrentToClose();
        resources.close();
    }
}
