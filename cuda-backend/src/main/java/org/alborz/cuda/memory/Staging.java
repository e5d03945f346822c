package org.alborz.cuda.memory;

import java.nio.Buffer;
import org.alborz.cuda.driver.DeviceAddress;
import org.alborz.cuda.driver.Stream;

/** Carries data between Java's memory and the device's through a ring of pinned memory: while the device still copies from a part, the host fills the next. */
public final class Staging implements AutoCloseable {
    private final Stream stream;
    private final PinnedRing ring;

    public Staging(Stream stream) {
        this.stream = stream;
        this.ring = new PinnedRing(stream.context());
    }

    /** Copies a buffer's remaining elements to the device, behind the work before; the buffer may be changed when this returns. */
    public void upload(Buffer source, int elementBytes, DeviceAddress to) {
        upload(source, elementBytes, to, stream);
    }

    /** Copies a buffer's remaining elements to the device on another stream. */
    void upload(Buffer source, int elementBytes, DeviceAddress to, Stream on) {
        int chunk = PinnedRing.MOST / elementBytes;
        int count;
        for (int at = 0; at < source.remaining(); at += count) {
            count = Math.min(chunk, source.remaining() - at);
            int bytes = count * elementBytes;
            int part = ring.take(bytes);
            HostCopies.put(ring.bytes(part, bytes), source, source.position() + at, count);
            on.copyToDevice(to.plus((long) at * elementBytes), ring.at(part), bytes);
            ring.use(on);
        }
    }

    /** Fills a buffer from its position to its limit; waits for the work before. */
    public void download(DeviceAddress from, int elementBytes, Buffer target) {
        int chunk = PinnedRing.MOST / elementBytes;
        int count;
        for (int at = 0; at < target.remaining(); at += count) {
            count = Math.min(chunk, target.remaining() - at);
            int bytes = count * elementBytes;
            int part = ring.take(bytes);
            stream.copyToHost(ring.at(part), from.plus((long) at * elementBytes), bytes);
            ring.use(stream);
            stream.synchronize();
            HostCopies.get(ring.bytes(part, bytes), target, target.position() + at, count);
        }
    }

    @Override
    public void close() {
        ring.close();
    }
}
