package org.alborz.cpu.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import org.alborz.backend.MemoryStatistics;
import org.alborz.type.DType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MemoryPoolTest {
    @Test
    void bucketsHoldTheirSizesAndWasteLessThanAnEighth() {
        for (long elements = 17; elements <= Integer.MAX_VALUE - 8L; elements += 1 + elements / 97) {
            int index = SizeBuckets.index(elements);
            long capacity = SizeBuckets.capacity(index);
            assertThat(index).isLessThan(SizeBuckets.COUNT);
            assertThat(capacity).isGreaterThanOrEqualTo(elements);
            assertThat(SizeBuckets.capacity(index - 1)).isLessThan(elements);
            assertThat((double) (capacity - elements)).isLessThan(0.125 * elements);
        }
        for (int index = 0; index < SizeBuckets.COUNT; index++) {
            assertThat(SizeBuckets.index(SizeBuckets.capacity(index))).isEqualTo(index);
        }
    }

    @Test
    void recyclesTheObjectForAnotherSizeOfTheBucket() {
        MemoryPool pool = new MemoryPool(false);
        CpuBuffer first = pool.allocate(DType.FLOAT32, 1000);
        pool.free(first);
        CpuBuffer second = pool.allocate(DType.FLOAT32, 1001);
        assertThat(second).isSameAs(first);
        assertThat(second.elements()).isEqualTo(1001);
        assertThat(pool.allocate(DType.FLOAT32, 1001)).isNotSameAs(first);
        assertThat(pool.allocate(DType.FLOAT64, 1000).dtype()).isEqualTo(DType.FLOAT64);
    }

    @Test
    void countsBytes() {
        MemoryPool pool = new MemoryPool(false);
        CpuBuffer a = pool.allocate(DType.FLOAT32, 1024);
        CpuBuffer b = pool.allocate(DType.FLOAT64, 1024);
        assertThat(pool.statistics()).isEqualTo(new MemoryStatistics(12288, 0, 12288, 2));
        pool.free(a);
        assertThat(pool.statistics()).isEqualTo(new MemoryStatistics(8192, 4096, 12288, 1));
        pool.allocate(DType.FLOAT32, 1000);
        pool.free(b);
        assertThat(pool.statistics()).isEqualTo(new MemoryStatistics(4096, 8192, 12288, 1));
        pool.close();
        assertThat(pool.statistics()).isEqualTo(new MemoryStatistics(4096, 0, 12288, 1));
    }

    @Test
    void anEmptyTensorHasABuffer() {
        MemoryPool pool = new MemoryPool(true);
        CpuBuffer empty = pool.allocate(DType.INT32, 0);
        assertThat(empty.elements()).isZero();
        pool.free(empty);
    }

    @Test
    void refusesWhatItMustNotTakeBack() {
        MemoryPool pool = new MemoryPool(false);
        CpuBuffer buffer = pool.allocate(DType.FLOAT32, 3);
        assertThatThrownBy(() -> new MemoryPool(false).free(buffer))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("another backend");
        pool.free(buffer);
        assertThatThrownBy(() -> pool.free(buffer))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("freed already");
        assertThatThrownBy(() -> pool.free(null)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> pool.free(new Elsewhere()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Elsewhere");
    }

    @Test
    void refusesSizesItCannotHold() {
        MemoryPool pool = new MemoryPool(false);
        assertThatThrownBy(() -> pool.allocate(DType.FLOAT32, 1L << 31)).hasMessageContaining("2147483648");
        assertThatThrownBy(() -> pool.allocate(DType.FLOAT32, -1)).hasMessageContaining("-1");
        pool.close();
        assertThatThrownBy(() -> pool.allocate(DType.FLOAT32, 1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void givesUpItsReservesBeforeItReportsThatTheHeapIsFull() {
        assumeThat(Runtime.getRuntime().maxMemory()).isLessThan(16L << 30);
        MemoryPool pool = new MemoryPool(false);
        pool.allocate(DType.FLOAT64, 16);
        pool.free(pool.allocate(DType.FLOAT64, 1000));
        assertThatThrownBy(() -> pool.allocate(DType.FLOAT64, Integer.MAX_VALUE - 8))
                .isInstanceOf(OutOfMemoryError.class)
                .hasMessageContaining("float64")
                .hasMessageContaining("128 bytes are in use by 1 tensors")
                .hasMessageContaining("-Xmx");
        assertThat(pool.statistics()).isEqualTo(new MemoryStatistics(128, 0, 128 + 8192, 1));
    }

    @Test
    void aFreeAfterCloseKeepsNothing() {
        MemoryPool pool = new MemoryPool(false);
        CpuBuffer buffer = pool.allocate(DType.FLOAT32, 3);
        pool.close();
        pool.free(buffer);
        assertThat(pool.statistics()).isEqualTo(new MemoryStatistics(0, 0, 64, 0));
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"FLOAT32", "FLOAT64", "INT32"})
    void poisonsBothWays(DType dtype) {
        Double poison = dtype == DType.INT32 ? (double) Integer.MIN_VALUE : Double.NaN;
        MemoryPool pool = new MemoryPool(true);
        CpuBuffer buffer = pool.allocate(dtype, 20);
        assertThat(buffer.get(0)).isEqualTo(poison);
        assertThat(buffer.get(19)).isEqualTo(poison);
        buffer.fill(0, 20, 1);
        assertThat(buffer.get(19)).isEqualTo(1);
        pool.free(buffer);
        assertThat(buffer.get(0)).isEqualTo(poison);
        buffer.set(19, 5);
        assertThat(pool.allocate(dtype, 20).get(19)).isEqualTo(poison);
    }

    private static final class Elsewhere implements org.alborz.backend.Buffer {
        @Override
        public DType dtype() {
            return DType.FLOAT32;
        }

        @Override
        public long elements() {
            return 1;
        }
    }
}
