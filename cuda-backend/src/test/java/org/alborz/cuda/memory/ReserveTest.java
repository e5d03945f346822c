package org.alborz.cuda.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.alborz.type.DType;
import org.junit.jupiter.api.Test;

/** What captured work has used stays as it is for as long as the captured graph lives. */
final class ReserveTest extends PoolOnSoftwareGpu {
    private CudaBuffer allocate() {
        return pool.allocate(DType.FLOAT32, 100);
    }

    @Test
    void itsBlocksServeNobodyElse() {
        Reserve reserve = pool.beginReserve();
        CudaBuffer captured = allocate();
        pool.free(captured);
        assertThat(allocate()).as("within the capture").isSameAs(captured);
        pool.free(captured);
        pool.endReserve();
        CudaBuffer other = allocate();
        assertThat(other).isNotSameAs(captured);
        reserve.close();
        assertThat(allocate()).as("after the captured graph is closed").isSameAs(captured);
    }

    @Test
    void itBeginsWithWhatWasKept() {
        CudaBuffer kept = allocate();
        pool.free(kept);
        Reserve reserve = pool.beginReserve();
        assertThat(allocate()).isSameAs(kept);
        pool.free(kept);
        pool.endReserve();
        assertThat(allocate()).isNotSameAs(kept);
        reserve.close();
    }

    @Test
    void whatLivesAtTheEndOfTheCaptureComesBackToIt() {
        Reserve reserve = pool.beginReserve();
        CudaBuffer alive = allocate();
        pool.endReserve();
        pool.free(alive);
        CudaBuffer other = allocate();
        assertThat(other).isNotSameAs(alive);
        reserve.close();
        assertThat(allocate()).isSameAs(alive);
    }

    @Test
    void whatOutlivesTheRecordIsKeptForAll() {
        Reserve reserve = pool.beginReserve();
        CudaBuffer alive = allocate();
        pool.endReserve();
        reserve.close();
        pool.free(alive);
        assertThat(pool.statistics().pooled()).isEqualTo(512);
        assertThat(allocate()).isSameAs(alive);
    }

    @Test
    void whatTheCaptureFreesIsItsOwn() {
        CudaBuffer before = allocate();
        Reserve reserve = pool.beginReserve();
        pool.free(before);
        pool.endReserve();
        assertThat(allocate()).isNotSameAs(before);
        reserve.close();
        assertThat(allocate()).isSameAs(before);
    }

    @Test
    void twoRecordsStayApart() {
        Reserve first = pool.beginReserve();
        CudaBuffer ofFirst = allocate();
        pool.free(ofFirst);
        pool.endReserve();
        Reserve second = pool.beginReserve();
        CudaBuffer ofSecond = allocate();
        pool.free(ofSecond);
        pool.endReserve();
        assertThat(ofSecond).isNotSameAs(ofFirst);
        first.close();
        assertThat(allocate()).isSameAs(ofFirst);
        second.close();
        assertThat(allocate()).isSameAs(ofSecond);
    }

    @Test
    void scarcityDoesNotTouchIt() {
        Reserve reserve = pool.beginReserve();
        CudaBuffer captured = allocate();
        pool.free(captured);
        pool.endReserve();
        pool.releaseCache();
        assertThat(device.liveAllocations()).isEqualTo(1);
        reserve.close();
        pool.releaseCache();
        assertThat(device.liveAllocations()).isZero();
    }
}
