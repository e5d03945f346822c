package org.alborz.cuda.driver;

import static jcuda.driver.JCudaDriver.cuFuncSetAttribute;
import static jcuda.driver.JCudaDriver.cuLaunchCooperativeKernel;
import static jcuda.driver.JCudaDriver.cuLaunchKernel;

import java.nio.ByteBuffer;
import jcuda.Pointer;
import jcuda.driver.CUfunction_attribute;

/**
 * Puts kernels on a stream. Arguments are written one by one into a block of native memory, which the driver reads during the
 * call; so a launch makes no Java object and costs a few hundred nanoseconds.
 *
 * <pre>{@code launcher.kernel(k).address(y).address(x).value(n).launch(blocks, threads);}</pre>
 */
public final class Launcher implements AutoCloseable {
    /** The driver takes a table of pointers, one for each argument; the arguments follow it. */
    private static final int TABLE_BYTES = 64 * Long.BYTES;

    private static final int BLOCK_BYTES = 4096;
    private static final int MAX_BLOCKS = Integer.MAX_VALUE;

    private final Stream stream;
    private final PinnedMemory memory;
    private final ByteBuffer block;
    private final long base;
    private final Pointer table;
    private Kernel kernel;
    private int arguments;
    private int end;
    private int nextField;
    private final KernelTraffic traffic = new KernelTraffic();

    public Launcher(Stream stream) {
        this.stream = stream;
        stream.context().makeCurrent();
        this.memory = new PinnedMemory(BLOCK_BYTES);
        this.block = memory.bytes();
        this.base = memory.address();
        this.table = memory.at(0);
    }

    /** Begins a launch. */
    public Launcher kernel(Kernel next) {
        stream.settle();
        kernel = next;
        arguments = 0;
        end = TABLE_BYTES;
        traffic.clear();
        return this;
    }

    /** Takes back the arguments from a number on, counted from 0; those that follow take their places. */
    public Launcher takeBack(int from) {
        end = (int) (block.getLong(from * Long.BYTES) - base);
        arguments = from;
        return this;
    }

    /** Tells whether launches are observed, so that {@link #traffic} has to be told of each operand. */
    public boolean isObserved() {
        return stream.isObserved();
    }

    /** Returns what the next launch reads and writes, as far as it was told. */
    public KernelTraffic traffic() {
        return traffic;
    }

    /** Adds a pointer to device memory, or 0. */
    public Launcher address(long address) {
        block.putLong(next(Long.BYTES), address);
        return this;
    }

    public Launcher value(int argument) {
        block.putInt(next(Long.BYTES), argument);
        return this;
    }

    public Launcher value(long argument) {
        block.putLong(next(Long.BYTES), argument);
        return this;
    }

    public Launcher value(float argument) {
        block.putFloat(next(Long.BYTES), argument);
        return this;
    }

    public Launcher value(double argument) {
        block.putDouble(next(Long.BYTES), argument);
        return this;
    }

    /** Adds a structure of 32-bit integers passed by value; {@link #field} gives them one by one. */
    public Launcher integers(int fields) {
        nextField = structure(fields * Integer.BYTES);
        return this;
    }

    /** Sets the next field of the structure begun last. */
    public Launcher field(int value) {
        block.putInt(nextField, value);
        nextField += Integer.BYTES;
        return this;
    }

    /** Adds a structure passed by value, to be written by the caller into {@link #block} from the place returned. */
    public int structure(int bytes) {
        return next((bytes + Long.BYTES - 1) / Long.BYTES * Long.BYTES);
    }

    /** Returns the memory that holds the arguments. */
    public ByteBuffer block() {
        return block;
    }

    private int next(int bytes) {
        int at = end;
        block.putLong(arguments * Long.BYTES, base + at);
        arguments++;
        end = at + bytes;
        return at;
    }

    /** Puts the kernel on the stream, with a grid and blocks of one dimension. */
    public void launch(long blocks, int threads) {
        launch(blocks, threads, false, 0);
    }

    /**
     * Puts the kernel on the stream such that all blocks run at the same time, so that they can wait for each other. There are at most as many as
     * {@link Device#togetherBlocks}.
     *
     * @param sharedBytes of dynamic shared memory for each block, which together with the kernel's own are at most {@link Device#sharedBytes}
     */
    public void launchTogether(int blocks, int threads, int sharedBytes) {
        if (sharedBytes > 0) {
            stream.context().makeCurrent();
            int attribute = CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
            Driver.check(
                    cuFuncSetAttribute(kernel.function(), attribute, sharedBytes),
                    "cuFuncSetAttribute of " + kernel.name() + " for " + sharedBytes + " bytes of shared memory");
        }
        launch(blocks, threads, true, sharedBytes);
    }

    private void launch(long blocks, int threads, boolean together, int shared) {
        if (blocks < 1 || blocks > MAX_BLOCKS) {
            throw new IllegalArgumentException(
                    "Kernel " + kernel.name() + " expects 1 to " + MAX_BLOCKS + " blocks, got " + blocks);
        }
        stream.context().makeCurrent();
        int grid = (int) blocks;
        int status = together
                ? cuLaunchCooperativeKernel(
                        kernel.function(), grid, 1, 1, threads, 1, 1, shared, stream.handle(), table)
                : cuLaunchKernel(kernel.function(), grid, 1, 1, threads, 1, 1, shared, stream.handle(), table, null);
        if (status != 0) {
            throw Driver.failure(
                    status,
                    (together ? "cuLaunchCooperativeKernel of " : "cuLaunchKernel of ") + kernel.name() + " with "
                            + blocks + " blocks of " + threads + " threads (or work before it)");
        }
        if (stream.isObserved()) {
            String name = KernelTraffic.stem(kernel.name());
            stream.tell(WorkKind.KERNEL, name, traffic.bytes(name), 0);
        }
    }

    @Override
    public void close() {
        stream.context().makeCurrentToClose();
        memory.close();
    }
}
