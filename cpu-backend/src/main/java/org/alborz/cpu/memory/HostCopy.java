package org.alborz.cpu.memory;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;

/** Copies between host memory and tensors. The host buffer's position and limit name its part and are left as they were. */
public final class HostCopy {
    private HostCopy() {}

    /**
     * Copies the source, from its position to its limit.
     *
     * @param destination memory of the source's type
     * @param offset the first element to write
     */
    public static void upload(Buffer source, org.alborz.backend.Buffer destination, long offset) {
        CpuBuffer to = CpuBuffer.of(destination);
        int at = checkRange(to, offset, source.remaining());
        if (to instanceof Float32Buffer f && source instanceof FloatBuffer host) {
            host.get(host.position(), f.array(), at, host.remaining());
        } else if (to instanceof Float64Buffer d && source instanceof DoubleBuffer host) {
            host.get(host.position(), d.array(), at, host.remaining());
        } else if (to instanceof Float16Buffer h && source instanceof ShortBuffer host) {
            host.get(host.position(), h.array(), at, host.remaining());
        } else if (to instanceof Int32Buffer i && source instanceof IntBuffer host) {
            host.get(host.position(), i.array(), at, host.remaining());
        } else if (to instanceof Int64Buffer l && source instanceof LongBuffer host) {
            host.get(host.position(), l.array(), at, host.remaining());
        } else if (to instanceof Uint8Buffer u && source instanceof ByteBuffer host) {
            host.get(host.position(), u.array(), at, host.remaining());
        } else if (to instanceof BoolBuffer b && source instanceof ByteBuffer host) {
            for (int i = 0; i < host.remaining(); i++) {
                b.array()[at + i] = host.get(host.position() + i) != 0;
            }
        } else {
            throw mismatch("upload", source, to);
        }
    }

    /**
     * Fills the target from its position to its limit.
     *
     * @param source memory of the target's type
     * @param offset the first element to read
     */
    public static void download(org.alborz.backend.Buffer source, long offset, Buffer target) {
        CpuBuffer from = CpuBuffer.of(source);
        int at = checkRange(from, offset, target.remaining());
        if (from instanceof Float32Buffer f && target instanceof FloatBuffer host) {
            host.put(host.position(), f.array(), at, host.remaining());
        } else if (from instanceof Float64Buffer d && target instanceof DoubleBuffer host) {
            host.put(host.position(), d.array(), at, host.remaining());
        } else if (from instanceof Float16Buffer h && target instanceof ShortBuffer host) {
            host.put(host.position(), h.array(), at, host.remaining());
        } else if (from instanceof Int32Buffer i && target instanceof IntBuffer host) {
            host.put(host.position(), i.array(), at, host.remaining());
        } else if (from instanceof Int64Buffer l && target instanceof LongBuffer host) {
            host.put(host.position(), l.array(), at, host.remaining());
        } else if (from instanceof Uint8Buffer u && target instanceof ByteBuffer host) {
            host.put(host.position(), u.array(), at, host.remaining());
        } else if (from instanceof BoolBuffer b && target instanceof ByteBuffer host) {
            for (int i = 0; i < host.remaining(); i++) {
                host.put(host.position() + i, (byte) (b.array()[at + i] ? 1 : 0));
            }
        } else {
            throw mismatch("download", target, from);
        }
    }

    private static int checkRange(CpuBuffer buffer, long offset, int count) {
        if (offset < 0 || offset + count > buffer.elements()) {
            throw new IndexOutOfBoundsException(
                    "A copy of " + count + " elements at " + offset + " does not fit the " + buffer);
        }
        return (int) offset;
    }

    private static IllegalArgumentException mismatch(String what, Buffer host, CpuBuffer buffer) {
        String expected = switch (buffer.dtype()) {
            case FLOAT32 -> "a FloatBuffer";
            case FLOAT64 -> "a DoubleBuffer";
            case INT32 -> "an IntBuffer";
            case INT64 -> "a LongBuffer";
            case UINT8, BOOL -> "a ByteBuffer";
            case FLOAT16, BFLOAT16 -> "a ShortBuffer";
        };
        return new IllegalArgumentException(what + " expects " + expected + " for " + buffer.dtype() + " memory, got "
                + host.getClass().getSimpleName() + ". Convert the data, or use a tensor of its type.");
    }
}
