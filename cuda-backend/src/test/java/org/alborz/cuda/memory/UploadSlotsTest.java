package org.alborz.cuda.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alborz.backend.MemoryStatistics;
import org.alborz.cuda.driver.CudaException;
import org.alborz.type.DType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Work on the device is deferred: a stream's work runs when the host waits for it, or when work that waits for its events does. */
final class UploadSlotsTest extends PoolOnSoftwareGpu {
    /** Six and more uploads of so many bytes are more than the pinned memory holds, so that the host waits for the first. */
    private static final int COUNT = (3 << 20) / Integer.BYTES;

    private static final int INVALID_VALUE = 1;

    private Staging staging;
    private UploadSlots slots;

    @BeforeEach
    void open() {
        staging = resources.add(new Staging(stream));
        slots = resources.add(new UploadSlots(stream, staging, pool));
        device.deferred(true);
    }

    private static int[] numbers(int start, int count) {
        int[] numbers = new int[count];
        Arrays.setAll(numbers, i -> start + i * 0x9E3779B9);
        return numbers;
    }

    /** Uploads numbers, and has the stream read them. */
    private CudaBuffer read(int... numbers) {
        CudaBuffer uploaded = slots.upload(DType.INT32, IntBuffer.wrap(numbers));
        CudaBuffer to = pool.allocate(DType.INT32, numbers.length);
        stream.copy(to.pointer(0), uploaded.pointer(0), (long) numbers.length * Integer.BYTES);
        assertThat(slots.free(uploaded)).isTrue();
        return to;
    }

    private void require(CudaBuffer buffer, int... expected) {
        int[] received = new int[expected.length];
        staging.download(buffer.pointer(0), Integer.BYTES, IntBuffer.wrap(received));
        assertThat(Arrays.mismatch(received, expected)).as("first difference").isEqualTo(-1);
        pool.free(buffer);
    }

    /** The host waits for the stream that reads, and not for the copies. */
    @Test
    void whatReadsWaitsForTheCopy() {
        CudaBuffer first = read(numbers(1, 5000));
        CudaBuffer second = read(numbers(2, 5000));
        assertThat(device.pending()).isPositive();
        require(first, numbers(1, 5000));
        require(second, numbers(2, 5000));
    }

    /** The host waits for the first copies when the pinned memory is full; by then the stream has not read one of them. */
    @Test
    void aCopyWaitsForWhatReadsTheSlot() {
        List<CudaBuffer> all = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            all.add(read(numbers(i, COUNT)));
        }
        for (int i = 0; i < 10; i++) {
            require(all.get(i), numbers(i, COUNT));
        }
    }

    /** The block that a slot takes from the pool is still read by work that was asked for when it was the pool's. */
    @Test
    void aCopyWaitsForWhatUsedTheMemoryBefore() {
        CudaBuffer freed = pool.allocate(DType.INT32, COUNT);
        staging.upload(IntBuffer.wrap(numbers(99, COUNT)), Integer.BYTES, freed.pointer(0));
        stream.synchronize();
        CudaBuffer copied = pool.allocate(DType.INT32, COUNT);
        stream.copy(copied.pointer(0), freed.pointer(0), (long) COUNT * Integer.BYTES);
        pool.free(freed);
        List<CudaBuffer> all = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            all.add(read(numbers(i, COUNT)));
        }
        require(copied, numbers(99, COUNT));
        all.forEach(pool::free);
    }

    @Test
    void memoryIsSteadyFromTheSecondUploadOn() {
        MemoryStatistics second = null;
        for (int i = 0; i < 5; i++) {
            require(read(numbers(i, 5000 - i)), numbers(i, 5000 - i));
            assertThat(pool.statistics().used()).isZero();
            second = i == 1 ? pool.statistics() : second;
        }
        assertThat(pool.statistics()).isEqualTo(second);
        require(read(numbers(7, COUNT)), numbers(7, COUNT));
        require(read(numbers(8, 3)), numbers(8, 3));
    }

    @Test
    void thereAreTwoSlots() {
        CudaBuffer first = slots.upload(DType.INT32, IntBuffer.wrap(numbers(1, 10)));
        CudaBuffer second = slots.upload(DType.INT32, IntBuffer.wrap(numbers(2, 10)));
        assertThat(slots.upload(DType.INT32, IntBuffer.wrap(numbers(3, 10)))).isNull();
        assertThat(pool.statistics().buffers()).isEqualTo(2);
        assertThat(first.elements()).isEqualTo(10);
        assertThat(slots.free(first)).isTrue();
        CudaBuffer third = slots.upload(DType.UINT8, ByteBuffer.wrap(new byte[] {5}));
        assertThat(third).isSameAs(first);
        CudaBuffer other = pool.allocate(DType.INT32, 10);
        assertThat(slots.free(other)).isFalse();
        pool.free(other);
        assertThat(slots.free(third)).isTrue();
        assertThat(slots.free(second)).isTrue();
    }

    /** Both hold a block, and there is room for one larger in place of one of them, not beside them. */
    @Test
    void aSlotGivesItsBlockBackBeforeItTakesALargerOne() {
        int larger = 3 * COUNT / 2;
        slots.free(slots.upload(DType.INT32, IntBuffer.wrap(numbers(1, COUNT))));
        slots.free(slots.upload(DType.INT32, IntBuffer.wrap(numbers(2, COUNT))));
        device.limitMemory(device.liveBytes() + (long) (larger - COUNT / 2) * Integer.BYTES);
        CudaBuffer uploaded = slots.upload(DType.INT32, IntBuffer.wrap(numbers(3, larger)));
        assertThat(uploaded.elements()).isEqualTo(larger);
        slots.free(uploaded);
    }

    /** The first part of an upload is still being copied when the second fails; then the block goes to the pool, and to another owner. */
    @Test
    void whatUsesTheMemoryAfterAFailedUploadWaitsForItsCopies() {
        int count = (PinnedRing.MOST + 1024) / Integer.BYTES;
        failingUpload(count, 2);
        failingUpload(2 * count, 1);
        CudaBuffer other = pool.allocate(DType.INT32, count);
        stream.fillWords(other.address(), 5, count);
        stream.synchronize();
        require(read(numbers(3, 10)), numbers(3, 10)); // the copies before are done as well
        int[] fives = new int[count];
        Arrays.fill(fives, 5);
        require(other, fives);
    }

    private void failingUpload(int count, int part) {
        device.inject("cuMemcpyHtoDAsync", part, INVALID_VALUE);
        assertThatThrownBy(() -> slots.upload(DType.INT32, IntBuffer.wrap(numbers(1, count))))
                .isInstanceOf(CudaException.class);
    }
}
