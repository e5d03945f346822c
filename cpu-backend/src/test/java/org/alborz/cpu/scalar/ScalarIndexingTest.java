package org.alborz.cpu.scalar;

import static org.alborz.cpu.scalar.Tensor.vector;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

class ScalarIndexingTest {
    private final ScalarIndexing indexing = new ScalarIndexing();

    @FloatingTypes
    void gathersAlongAnyAxis(DType dtype) {
        Tensor x = Tensor.of(dtype, Layout.rowMajor(Shape.of(2, 3)), 1, 2, 3, 4, 5, 6);
        Tensor indices = vector(DType.INT32, 9, 2, 0, 2, 1)
                .view(Layout.rowMajor(Shape.of(4)).shift(1));
        Tensor y = Tensor.undefined(dtype, 2, 4);
        indexing.gather(1, x, indices, y);
        y.assertValues(3, 1, 3, 2, 6, 4, 6, 5);
        Tensor transposed = Tensor.undefined(dtype, 4, 2);
        indexing.gather(-2, x.view(x.layout().transpose(0, 1)), indices, transposed);
        transposed.assertValues(3, 6, 1, 4, 3, 6, 2, 5);
        Tensor strided = Tensor.undefined(dtype, Layout.rowMajor(Shape.of(4, 2)).transpose(0, 1));
        indexing.gather(1, x, indices, strided);
        strided.assertValues(3, 1, 3, 2, 6, 4, 6, 5);
    }

    @FloatingTypes
    void scattersAndAdds(DType dtype) {
        Tensor x = Tensor.of(dtype, Layout.rowMajor(Shape.of(3, 2)), 1, 2, 10, 20, 100, 200);
        Tensor indices = vector(DType.INT32, 2, 0, 2);
        Tensor y = Tensor.undefined(dtype, 4, 2);
        indexing.scatterAdd(0, x, indices, y);
        y.assertValues(10, 20, 0, 0, 101, 202, 0, 0);
        Tensor across = Tensor.undefined(dtype, 2, 3);
        indexing.scatterAdd(1, x.view(x.layout().transpose(0, 1)), indices, across);
        across.assertValues(10, 0, 101, 20, 0, 202);
    }

    @FloatingTypes
    void marksTheClass(DType dtype) {
        Tensor y = Tensor.undefined(dtype, 2, 3);
        indexing.oneHot(vector(DType.INT32, 2, 0), y);
        y.assertValues(0, 0, 1, 1, 0, 0);
    }

    @FloatingTypes
    void namesAnIndexOutsideTheAxis(DType dtype) {
        Tensor x = vector(dtype, 1, 2, 3);
        Tensor y = Tensor.undefined(dtype, 2);
        assertThatThrownBy(() -> indexing.gather(0, x, vector(DType.INT32, 0, 3), y))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("0 to 2, got 3 at position 1");
        assertThatThrownBy(() -> indexing.scatterAdd(0, y, vector(DType.INT32, 0, -1), x))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("scatterAdd");
        assertThatThrownBy(() -> indexing.oneHot(vector(DType.INT32, 10), Tensor.undefined(dtype, 1, 10)))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("0 to 9, got 10");
    }

    @FloatingTypes
    void takesNoIndicesAndNoElements(DType dtype) {
        Tensor none = Tensor.undefined(DType.INT32, 0);
        indexing.gather(0, vector(dtype, 1), none, Tensor.undefined(dtype, 0));
        Tensor y = Tensor.undefined(dtype, 3);
        indexing.scatterAdd(0, Tensor.undefined(dtype, 0), none, y);
        y.assertValues(0, 0, 0);
        indexing.oneHot(none, Tensor.undefined(dtype, 0, 3));
        Tensor flat = Tensor.undefined(dtype, 2, 0);
        indexing.gather(0, flat, vector(DType.INT32, 1, 1), flat);
    }
}
