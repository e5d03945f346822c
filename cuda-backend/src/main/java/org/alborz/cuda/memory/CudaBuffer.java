package org.alborz.cuda.memory;

import org.alborz.backend.Buffer;
import org.alborz.cuda.driver.DeviceAddress;
import org.alborz.type.DType;

/** A block of device memory; the pool hands the same object out again for other elements. */
public final class CudaBuffer implements Buffer {
    private final DeviceAddress address;
    private final long bytes;

    private DType dtype;
    private long elements;
    private Arena home;

    /** Neighbours among the buffers in use. */
    CudaBuffer previous;

    CudaBuffer next;

    CudaBuffer(DeviceAddress address, long bytes) {
        this.address = address;
        this.bytes = bytes;
    }

    void handOut(DType type, long count) {
        dtype = type;
        elements = count;
    }

    Arena home() {
        return home;
    }

    void moveTo(Arena arena) {
        home = arena;
    }

    @Override
    public DType dtype() {
        return dtype;
    }

    @Override
    public long elements() {
        return elements;
    }

    /** Returns the size of the memory behind, which may be larger than the elements. */
    long bytes() {
        return bytes;
    }

    DeviceAddress address() {
        return address;
    }

    /** Returns the address of an element. */
    public long at(long element) {
        return address.value() + element * dtype.bytes();
    }

    /** Returns the address of an element, as the object that the libraries take. */
    public DeviceAddress pointer(long element) {
        return address.plus(element * dtype.bytes());
    }
}
