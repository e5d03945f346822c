package org.alborz.cuda.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.alborz.backend.MemoryStatistics;
import org.alborz.cuda.driver.CudaException;
import org.alborz.type.DType;
import org.junit.jupiter.api.Test;

final class DevicePoolTest extends PoolOnSoftwareGpu {
    private static final int MEBIBYTE = 1 << 20;

    @Test
    void aFreedBlockServesTheNextTensorOfAboutItsSize() {
        CudaBuffer first = pool.allocate(DType.FLOAT32, 1000);
        pool.free(first);
        CudaBuffer again = pool.allocate(DType.FLOAT16, 1990);
        assertThat(again).isSameAs(first);
        assertThat(again.dtype()).isEqualTo(DType.FLOAT16);
        assertThat(again.elements()).isEqualTo(1990);
        assertThat(pool.allocate(DType.FLOAT16, 1990)).isNotSameAs(first);
        assertThat(device.liveAllocations()).isEqualTo(2);
    }

    @Test
    void anEmptyTensorHasMemoryToPointTo() {
        CudaBuffer none = pool.allocate(DType.FLOAT64, 0);
        assertThat(none.at(0)).isNotZero();
        assertThat(none.elements()).isZero();
    }

    @Test
    void statisticsTellWhatIsUsedKeptAndWasAtMost() {
        CudaBuffer small = pool.allocate(DType.FLOAT32, 128);
        CudaBuffer large = pool.allocate(DType.FLOAT32, 256);
        assertThat(pool.statistics()).isEqualTo(new MemoryStatistics(1536, 0, 1536, 2));
        pool.free(large);
        assertThat(pool.statistics()).isEqualTo(new MemoryStatistics(512, 1024, 1536, 1));
        pool.free(small);
        assertThat(pool.statistics()).isEqualTo(new MemoryStatistics(0, 1536, 1536, 0));
        pool.releaseCache();
        assertThat(pool.statistics()).isEqualTo(new MemoryStatistics(0, 0, 1536, 0));
        assertThat(device.liveAllocations()).isZero();
    }

    @Test
    void aBlockIsTakenBackWhereTheWorkThatReadsItFails() {
        CudaBuffer block = pool.allocate(DType.INT32, 256);
        stream.delay(() -> stream.fillWords(block.address(), 7, 256));
        pool.settleBeforeFree(block);
        device.inject("cuMemsetD32Async", 1, 1);
        assertThatThrownBy(() -> pool.free(block)).isInstanceOf(CudaException.class);
        assertThat(pool.statistics()).isEqualTo(new MemoryStatistics(0, 1024, 1024, 0));
    }

    /** Until then it is not handed out again, as to the work itself. */
    @Test
    void aBlockThatWorkReadsLaterIsTakenBackWhenItIsSaid() {
        CudaBuffer read = pool.allocate(DType.INT32, 256);
        CudaBuffer other = pool.allocate(DType.INT32, 256);
        pool.postponeFree(read);
        pool.free(read);
        pool.free(other);
        assertThat(pool.statistics()).isEqualTo(new MemoryStatistics(1024, 1024, 2048, 1));
        assertThat(pool.allocate(DType.INT32, 256)).isSameAs(other);
        pool.freePostponed();
        assertThat(pool.allocate(DType.INT32, 256)).isSameAs(read);
        pool.free(read);
        assertThat(pool.statistics()).isEqualTo(new MemoryStatistics(1024, 1024, 2048, 1));
    }

    @Test
    void whatIsKeptGoesBackWhereMemoryIsShort() {
        device.limitMemory(64L * MEBIBYTE);
        CudaBuffer kept = pool.allocate(DType.INT32, 10 * MEBIBYTE);
        pool.free(kept);
        CudaBuffer other = pool.allocate(DType.INT32, 12 * MEBIBYTE);
        assertThat(pool.statistics().used()).isEqualTo(48L * MEBIBYTE);
        assertThat(device.liveBytes()).isEqualTo(48L * MEBIBYTE);
        pool.free(other);
    }

    /** It is not released to the device where it serves itself. */
    @Test
    void workThatIsKeptBackGivesMemoryBackWhereItIsShort() {
        device.limitMemory(64L * MEBIBYTE);
        CudaBuffer read = pool.allocate(DType.INT32, 10 * MEBIBYTE);
        keepBack(read);
        CudaBuffer next = pool.allocate(DType.INT32, 10 * MEBIBYTE);
        assertThat(next).isSameAs(read);
        keepBack(next);
        CudaBuffer larger = pool.allocate(DType.INT32, 12 * MEBIBYTE);
        assertThat(pool.statistics().used()).isEqualTo(48L * MEBIBYTE);
        assertThat(device.liveBytes()).isEqualTo(48L * MEBIBYTE);
        pool.free(larger);
    }

    /** Keeps work back that reads a block, which is freed meanwhile. */
    private void keepBack(CudaBuffer read) {
        stream.delay(pool::freePostponed);
        pool.postponeFree(read);
        pool.free(read);
    }

    /** In deferred mode the work is still to come when the memory that it uses goes back. */
    @Test
    void workThatUsesWhatIsKeptIsWaitedFor() {
        device.limitMemory(64L * MEBIBYTE);
        device.deferred(true);
        CudaBuffer kept = pool.allocate(DType.INT32, 10 * MEBIBYTE);
        stream.fillWords(kept.address(), 7, 10 * MEBIBYTE);
        pool.free(kept);
        assertThat(device.pending()).isEqualTo(1);
        pool.allocate(DType.INT32, 12 * MEBIBYTE);
        assertThat(device.pending()).isZero();
        stream.synchronize();
    }

    @Test
    void anExhaustedDeviceNamesTheLargestTensorsAndARemedy() {
        device.limitMemory(64L * MEBIBYTE);
        List<CudaBuffer> held = new ArrayList<>();
        held.add(pool.allocate(DType.FLOAT64, 2 * MEBIBYTE));
        for (int i = 0; i < 3; i++) {
            held.add(pool.allocate(DType.FLOAT32, 2 * MEBIBYTE));
        }
        held.add(pool.allocate(DType.INT32, 100));
        assertThatThrownBy(() -> pool.allocate(DType.FLOAT32, 8 * MEBIBYTE))
                .isInstanceOf(DeviceMemoryException.class)
                .hasMessageMatching(
                        "(?s)The device is out of memory: a tensor of 8388608 float32 elements needs 32.0 MiB, and "
                                + "2\\d\\.\\d MiB are free\\. Tensors hold 40\\.0 MiB; the most is in\\R"
                                + " +3 of 8\\.0 MiB \\(2097152 float32 elements\\)\\R"
                                + " +1 of 16\\.0 MiB \\(2097152 float64 elements\\)\\R"
                                + " +1 of 0\\.4 KiB \\(100 int32 elements\\)\\R"
                                + "Use a smaller batch.*close tensors earlier.*nvidia-smi.*");
        pool.free(held.get(0));
        CudaBuffer afterwards = pool.allocate(DType.FLOAT32, 8 * MEBIBYTE);
        stream.fillWords(afterwards.address(), 5, 8 * MEBIBYTE);
        stream.synchronize();
    }

    @Test
    void ofManyKindsOfTensorsTheLargestEightAreListed() {
        device.limitMemory(MEBIBYTE);
        for (int i = 1; i <= 10; i++) {
            pool.allocate(DType.FLOAT32, 1000 * i);
        }
        assertThatThrownBy(() -> pool.allocate(DType.FLOAT32, MEBIBYTE))
                .hasMessageContaining("(10000 float32")
                .hasMessageContaining("(3000 float32")
                .hasMessageNotContaining("(2000 float32");
    }

    @Test
    void withNothingInUseTheMessageSaysSo() {
        device.limitMemory(MEBIBYTE);
        assertThatThrownBy(() -> pool.allocate(DType.FLOAT32, MEBIBYTE)).hasMessageContaining("the most is in none.");
    }

    @Test
    void anImpossibleSizeIsRefused() {
        for (long elements : new long[] {Long.MAX_VALUE / 4, Long.MAX_VALUE, -1}) {
            assertThatThrownBy(() -> pool.allocate(DType.FLOAT32, elements))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("float32, got " + elements);
        }
    }
}
