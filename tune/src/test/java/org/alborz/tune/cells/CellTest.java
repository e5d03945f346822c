package org.alborz.tune.cells;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.alborz.nn.Model;
import org.alborz.random.RandomStream;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.tune.Settings;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;

final class CellTest {
    private static final Cell CELL = new Cell(List.of(
            new Cell.Node(0, CellOperation.IDENTITY, 0, CellOperation.AVERAGE_POOL_3X3),
            new Cell.Node(0, CellOperation.MAX_POOL_3X3, 1, CellOperation.IDENTITY),
            new Cell.Node(1, CellOperation.IDENTITY, 0, CellOperation.IDENTITY)));

    @Test
    void everySettingOfTheSpaceIsACell() {
        RandomStream random = new RandomStream(9, 0);
        for (int i = 0; i < 200; i++) {
            Settings settings = Cell.space(4).random(random);
            Cell cell = Cell.of(settings);
            assertThat(cell.nodes()).hasSize(4);
            assertThat(cell.looseEnds()).isNotEmpty().contains(4);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> new Cell(List.of(new Cell.Node(0, CellOperation.IDENTITY, 1, CellOperation.IDENTITY))))
                .withMessage("Node 1 expects to read values from 0 to 0, got 0 and 1");
    }

    @Test
    void computesTheSumsOfItsGraph() {
        assertThat(CELL).hasToString("""
                1 = identity(input) + average pool 3×3(input)
                2 = max pool 3×3(input) + identity(1)
                3 = identity(1) + identity(input)
                result = 2 + 3""");
        try (Session session = Session.open("cpu-scalar");
                Scope scope = session.scope("test");
                Model model = Model.create(session, new CellLayer(CELL, 2), 1)) {
            Tensor x = session.tensor(new float[] {3, 3, 3, 3, -1, -1, -1, -1}, Shape.of(1, 2, 2, 2));
            float[] y = model.predict(x).toFloats();
            // x is constant, so both poolings but for the average's padding give x: 1 = x + x·4/9, 2 = x + 1, 3 = 1 +
            // x.
            for (int i = 0; i < 8; i++) {
                float value = i < 4 ? 3 : -1;
                assertThat(y[i]).isCloseTo(value * (2 + 2 * (1 + 4 / 9f)), within(1e-5f));
            }
        }
    }

    @Test
    void netsOfDrawnCellsRunOnImages() {
        RandomStream random = new RandomStream(2, 0);
        try (Session session = Session.open("cpu-vector")) {
            for (int i = 0; i < 5; i++) {
                Cell cell = Cell.of(Cell.space(3).random(random));
                try (Scope scope = session.scope("test");
                        Model model = Model.create(session, CellNet.of(cell, 10, 8, 1), 1)) {
                    Tensor scores = model.predict(session.zeros(Shape.of(2, 3, 16, 16)));
                    assertThat(scores.shape()).isEqualTo(Shape.of(2, 10));
                    assertThat(scores.toFloats()).doesNotContain(Float.NaN);
                }
            }
        }
    }

    @Test
    void drawingHasAnArrowForEachInputAndEachLooseEnd() {
        String svg = CellDrawing.svg(CELL);
        assertThat(svg.split("<path", -1)).hasSize(1 + 6 + 2);
        assertThat(svg).contains(">input<", ">result<", ">max pool 3×3<").endsWith("</svg>\n");
    }
}
