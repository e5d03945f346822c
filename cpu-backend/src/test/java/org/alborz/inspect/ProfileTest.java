package org.alborz.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.alborz.data.ArrayDataset;
import org.alborz.data.DataLoader;
import org.alborz.nn.Activations;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Flatten;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.nn.Residual;
import org.alborz.nn.Sequential;
import org.alborz.nn.Structure;
import org.alborz.nn.TrainingStep;
import org.alborz.optim.Sgd;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.train.Trainer;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProfileTest {
    private static Sequential net() {
        return new Sequential(
                new Conv2d(3, 4, 3).padding(1),
                new BatchNorm(4),
                Activations.relu(),
                new Residual(new Sequential(new Conv2d(4, 4, 3).padding(1), new BatchNorm(4))),
                new Flatten(),
                new Linear(256, 5));
    }

    private static long sum(List<ProfileRow> rows, String layer, boolean backward) {
        return rows.stream()
                .filter(row -> layer.equals(row.layer()) && row.backward() == backward)
                .mapToLong(ProfileRow::multiplyAdds)
                .sum();
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu-scalar", "cpu-vector"})
    void aTrainingStepIsAddedUpByLayerAndOperation(String backend) {
        try (Session session = Session.open(backend);
                Model model = Model.create(session, net(), 1)) {
            Sgd sgd = new Sgd(0.1);
            sgd.attach(model);
            Tensor x = session.normal(new RandomKey(1, 2, 3), Shape.of(2, 3, 8, 8));
            Tensor labels = session.tensor(new int[] {1, 3}, Shape.of(2));
            Profile profile = Profile.start(session);
            try (profile;
                    TrainingStep step = model.step(1, 1)) {
                step.backward(Loss.crossEntropy().of(step.forward(x), labels));
                sgd.step(0.1, 1);
            }
            int before = profile.rows().size();
            x.mul(2);
            assertThat(profile.rows()).as("closed").hasSize(before);

            List<ProfileRow> layers = profile.byLayer();
            long first = 2L * 8 * 8 * 4 * 27;
            long second = 2L * 8 * 8 * 4 * 36;
            assertThat(sum(layers, "0", false)).isEqualTo(first);
            assertThat(sum(layers, "0", true)).as("of the filter alone").isEqualTo(first);
            assertThat(sum(layers, "3.body.0", false)).isEqualTo(second);
            assertThat(sum(layers, "3.body.0", true)).isEqualTo(2 * second);
            assertThat(sum(layers, "5", false)).isEqualTo(2L * 256 * 5);
            assertThat(sum(layers, "5", true)).isEqualTo(2 * 2L * 256 * 5);
            Set<String> names = new TreeSet<>();
            layers.forEach(row -> names.add(String.valueOf(row.layer())));
            assertThat(names).contains("0", "1", "3.body.0", "3.body.1", "5", "null");
            assertThat(profile.rows())
                    .filteredOn(row -> row.layer() == null && !row.backward())
                    .extracting(ProfileRow::operation)
                    .anyMatch(name -> name.equals("SGD"))
                    .anyMatch(name -> name.toLowerCase(Locale.ROOT).contains("entropy"));
            ProfileRow convolution = profile.rows().stream()
                    .filter(row -> "0".equals(row.layer()) && row.operation().equals("Conv2d"))
                    .findFirst()
                    .orElseThrow();
            assertThat(convolution.calls()).isEqualTo(1);
            assertThat(convolution.bytes()).isEqualTo(4L * (2 * 3 * 64 + 4 * 27 + 4 + 2 * 4 * 64));

            assertThat(profile.byOperation().stream()
                            .mapToLong(ProfileRow::nanos)
                            .sum())
                    .isEqualTo(layers.stream().mapToLong(ProfileRow::nanos).sum());
            assertThat(profile.operationSeconds()).isPositive().isLessThan(profile.seconds());
            assertThat(profile.table(new Roofline(1e9, 1e9))).contains("3.body.0", "backward", "1.0 G multiply-adds/s");
            assertThat(profile.csv().lines())
                    .hasSize(before + 1)
                    .contains("0,Conv2d,forward,1," + convolution.nanos() + "," + first + "," + convolution.bytes());
        }
    }

    @Test
    void namesOfAnyCharactersAreOneFieldOfTheCsv() {
        Linear part = new Linear(2, 2);
        Layer net = new Layer() {
            @Override
            public Tensor forward(Tensor x, Pass pass) {
                return pass.run(part, x);
            }

            @Override
            public void describe(Structure structure) {
                structure.module("a,\"b\"", part);
            }
        };
        try (Session session = Session.open("cpu-vector");
                Model model = Model.create(session, net, 1);
                Profile profile = Profile.start(session)) {
            model.predict(session.zeros(Shape.of(1, 2)));
            profile.close();
            assertThat(profile.csv()).contains("\n\"a,\"\"b\"\"\",");
        }
    }

    @Test
    void theRooflineIsTheSlowerOfBoth() {
        Roofline roofline = new Roofline(2e9, 1e9);
        assertThat(roofline.seconds(4e9, 1e9)).isEqualTo(2);
        assertThat(roofline.seconds(1e9, 3e9)).isEqualTo(3);
        ProfileRow row = new ProfileRow("0", "Conv2d", false, 1, 4_000_000_000L, 4_000_000_000L, 1);
        assertThat(row.efficiency(roofline)).isEqualTo(0.5);
        assertThatThrownBy(() -> new Roofline(0, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void someStepsOfATrainingAreMeasured() {
        List<Profile> profiles = new ArrayList<>();
        try (Session session = Session.open("cpu-scalar");
                Model model = Model.create(session, new Linear(2, 3), 1)) {
            ArrayDataset data = ArrayDataset.of(new float[20][2], new int[20]);
            try (Trainer trainer = Trainer.classifier(model, new Sgd(0.1))
                    .verbose(false)
                    .callback(new ProfileCallback(2, 3, profiles::add))
                    .callback(new ProfileCallback(0, 1, profiles::add))
                    .callback(new ProfileCallback(3, 100, profiles::add))
                    .callback(new ProfileCallback(10, 1, profiles::add))
                    .build()) {
                trainer.fit(DataLoader.of(data, 2).build(), 1);
            }
        }
        assertThat(profiles)
                .extracting(profile -> profile.rows().stream()
                        .filter(row -> row.operation().equals("SGD"))
                        .mapToLong(ProfileRow::calls)
                        .sum())
                .containsExactly(1L, 3L, 7L);
        assertThatThrownBy(() -> new ProfileCallback(0, 0, profiles::add))
                .hasMessageContaining("1 or more that are measured, got 0 and 0");
    }
}
