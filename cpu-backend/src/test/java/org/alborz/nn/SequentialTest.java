package org.alborz.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.alborz.tensor.Session;
import org.alborz.type.Activation;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;

/** The layers of a Sequential can be reached and exchanged. */
class SequentialTest {
    private final Layer first = new Linear(2, 3);
    private final Layer second = Activations.relu();
    private final Layer third = new Linear(3, 4);
    private final Sequential net = new Sequential(first, second, third);

    @Test
    void givesItsLayers() {
        assertThat(net.size()).isEqualTo(3);
        assertThat(net).containsExactly(first, second, third);
        assertThat(net.get(0)).isSameAs(first);
        assertThat(net.get(-1)).isSameAs(third);
        assertThat(net.get("1")).isSameAs(second);
        assertThat(net.names()).containsExactly("0", "1", "2");
        assertThat(net.slice(1, -1)).containsExactly(second);
        assertThat(net.slice(1, 3).names()).containsExactly("1", "2");
    }

    @Test
    void returnsAnotherNetAndStaysAsItIs() {
        Layer head = new Linear(3, 7);
        assertThat(net.replace(-1, head)).containsExactly(first, second, head);
        assertThat(net.replace("0", head)).containsExactly(head, second, third);
        assertThat(net.append(head)).containsExactly(first, second, third, head);
        assertThat(net.append(head).names()).containsExactly("0", "1", "2", "3");
        assertThat(net).containsExactly(first, second, third);
    }

    @Test
    void namedLayersNameTheirParameters() {
        Sequential named = new Sequential()
                .append("features", new Sequential(new Linear(2, 3), Activations.relu()))
                .append("head", new Linear(3, 4));
        try (Session session = Session.open("cpu-scalar");
                Model model = Model.create(session, named.replace("head", new Linear(3, 2)), 1)) {
            assertThat(model.parameters().keySet())
                    .containsExactly("features.0.weight", "features.0.bias", "head.weight", "head.bias");
            assertThat(model.forward(session.ones(Shape.of(1, 2)), Pass.evaluation())
                            .shape())
                    .isEqualTo(Shape.of(1, 2));
            model.freeze(name -> name.startsWith("features."));
            assertThat(model.summary()).isEqualTo("""
                            features.0.weight  [3, 2]                        6  frozen
                            features.0.bias    [3]                           3  frozen
                            head.weight        [2, 3]                        6
                            head.bias          [2]                           2
                            17 parameters, of which 9 are frozen""");
        }
    }

    @Test
    void netsAndModelsCanBePrinted() {
        Sequential printed = new Sequential(
                new Conv2d(3, 8, 3).stride(2).padding(1).activation(Activation.RELU),
                new MaxPool2d(2),
                new Residual(new Sequential(new BatchNorm(8), Activations.leakyRelu(0.2))),
                new Flatten(),
                new Linear(128, 10));
        assertThat(printed).hasToString("""
                        Sequential
                          0: Conv2d(3, 8, 3x3, stride=2, padding=1, relu)
                          1: MaxPool2d(kernel=2, stride=2)
                          2: Residual
                            body: Sequential
                              0: BatchNorm(8, momentum=0.1, epsilon=1.0E-5)
                              1: leaky_relu(0.2)
                          3: Flatten
                          4: Linear(128, 10)""");
        try (Session session = Session.open("cpu-scalar");
                Model model = Model.create(session, printed, 1)) {
            assertThat(model.toString())
                    .startsWith(printed.toString())
                    .endsWith("\n1,530 parameters, of which 0 are frozen");
        }
        assertThat(Architecture.of(printed))
                .startsWith("net: class Sequential", "0: Conv2d(3, 8, 3x3, stride=2, padding=1, relu)")
                .contains("2: class Residual", "2.body: class Sequential");
    }

    @Test
    void wrongPlacesAndNamesAreRefused() {
        for (Runnable wrong : List.<Runnable>of(
                () -> net.get(3),
                () -> net.get(-4),
                () -> net.get("head"),
                () -> net.replace(3, first),
                () -> net.replace("head", first),
                () -> net.slice(2, 1),
                () -> net.slice(0, 4),
                () -> net.append("1", first),
                () -> net.append("a.b", first),
                () -> net.append("", first),
                () -> net.append((String) null, first),
                () -> net.replace(0, null),
                () -> net.append(null))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(wrong::run)
                    .withMessageMatching("(?s).*(Sequential|slice|append).*got.*");
        }
    }
}
