package org.alborz.cuda.driver;

import static jcuda.driver.JCudaDriver.cuMemFreeHost;
import static jcuda.driver.JCudaDriver.cuMemHostAlloc;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.Pointer;

/**
 * Host memory that stays where it is, so that the device can copy from and to it by itself; all devices see it under its own
 * address.
 */
public final class PinnedMemory implements AutoCloseable {
    private static final int PORTABLE_AND_MAPPED = 0x1 | 0x2;

    private final HostAddress address = new HostAddress();
    private final ByteBuffer bytes;

    /** Allocates memory, in the context that is current. */
    public PinnedMemory(int size) {
        Driver.check(cuMemHostAlloc(address, size, PORTABLE_AND_MAPPED), "cuMemHostAlloc of " + size + " bytes");
        bytes = address.getByteBuffer(0, size).order(ByteOrder.nativeOrder());
    }

    /** Returns the memory's content. */
    public ByteBuffer bytes() {
        return bytes;
    }

    /** Returns where it begins. */
    public long address() {
        return address.value();
    }

    /** Returns the address some bytes from the start, for calls that take a host pointer. */
    public Pointer at(long offset) {
        return new HostAddress(address.value() + offset);
    }

    @Override
    public void close() {
        Driver.check(cuMemFreeHost(address), "cuMemFreeHost");
    }
}
