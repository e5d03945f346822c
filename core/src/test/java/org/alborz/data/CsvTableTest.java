package org.alborz.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CsvTableTest {
    private static final String PENGUINS = """
            species,island,bill,mass
            Adelie,"Torger, sen",39.1,3750
            Gentoo,Biscoe,46.1,4500
            Adelie,Biscoe,NA,3800

            Chinstrap,"Dream ""big\""",50,
            """;

    @TempDir
    Path folder;

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("data.csv"), text);
    }

    @Test
    void infersTypes() throws IOException {
        CsvTable table = CsvTable.read(write(PENGUINS));
        assertThat(table.rows()).isEqualTo(4);
        assertThat(table.columns().stream().map(CsvColumn::type))
                .containsExactly(CsvType.CATEGORY, CsvType.CATEGORY, CsvType.FLOAT, CsvType.INTEGER);
        assertThat(table.column("species").categories()).containsExactly("Adelie", "Chinstrap", "Gentoo");
        assertThat(table.column("island").categories()).containsExactly("Biscoe", "Dream \"big\"", "Torger, sen");
        assertThat(table.column("species").values()).containsExactly(0, 2, 0, 1);
        assertThat(table.column("bill").values()).containsExactly(39.1, 46.1, Double.NaN, 50);
        assertThat(table.column("mass").missing()).isEqualTo(1);
        assertThat(table.column("mass").isMissing(3)).isTrue();
        assertThat(table)
                .hasToString(
                        "4 rows of [species category of 3; island category of 3; bill float, 1 missing; mass integer, 1 missing]");
        assertThatThrownBy(() -> table.column("nothing"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("'species'", "'mass'", "and not 'nothing'");
    }

    @Test
    void rowsToPredictNeedNoTarget() throws IOException {
        CsvTable training = CsvTable.read(write(PENGUINS));
        Path file = Files.writeString(folder.resolve("new.csv"), "island,bill,mass\nBiscoe,40,3900\n\nBiscoe,41,NA\n");
        assertThat(CsvTable.names(file, new CsvOptions())).containsExactly("island", "bill", "mass");
        CsvTable rows = CsvTable.read(file, new CsvOptions(), training.without("species"));
        assertThat(rows.line(0)).isEqualTo(2);
        assertThat(rows.line(1)).isEqualTo(4);
        assertThat(rows.withoutMissing().inputs()).isDeepEqualTo(new float[][] {{1, 0, 0, 40, 3900}});
        assertThatThrownBy(rows::inputs)
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll("line 4", "'mass' has no value");
        assertThatThrownBy(() -> rows.without("species")).hasMessageContaining("and not 'species'");
        CsvTable one = CsvTable.read(Files.writeString(file, "x\n1\n"));
        assertThatThrownBy(() -> one.without("x")).hasMessageContaining("has no column but 'x'");
    }

    @Test
    void becomesSamplesOfAClassifier() throws IOException {
        ArrayDataset data = CsvTable.read(write(PENGUINS)).withoutMissing().dataset("species");
        assertThat(data.size()).isEqualTo(2);
        assertThat(data.classes()).containsExactly("Adelie", "Chinstrap", "Gentoo");
        assertThat(Sample.of(data, 0).floats(0)).containsExactly(0, 0, 1, 39.1f, 3750);
        assertThat(Sample.of(data, 1).floats(0)).containsExactly(1, 0, 0, 46.1f, 4500);
        assertThat(Sample.of(data, 1).ints(1)).containsExactly(2);
    }

    @Test
    void becomesSamplesOfARegression() throws IOException {
        CsvTable table = CsvTable.read(write(PENGUINS));
        CsvTable filled = table.imputed(table);
        assertThat(filled.column("bill").get(2)).isEqualTo((39.1 + 46.1 + 50) / 3);
        ArrayDataset data = filled.dataset(List.of("bill"), "mass");
        assertThat(data.fields()).extracting(Field::name).containsExactly("input", "target");
        assertThat(Sample.of(data, 3).floats(0)).containsExactly(50);
        assertThat(Sample.of(data, 3).floats(1)).containsExactly((float) ((3750 + 4500 + 3800) / 3.));
        assertThatThrownBy(() -> table.dataset("mass"))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll(
                        "data.csv, line 4: the column 'bill' has no value", "1 of 4 rows", "imputed()");
        assertThatThrownBy(() -> table.dataset(List.of(), "mass")).hasMessageContaining("at least 1 column");
    }

    @Test
    void testDataAreNumberedLikeTrainingData() throws IOException {
        CsvTable training = CsvTable.read(write(PENGUINS));
        Path test = Files.writeString(folder.resolve("test.csv"), "species,island,bill,mass\nGentoo,?,1,2\n");
        CsvTable table = CsvTable.read(test, new CsvOptions(), training);
        assertThat(table.column("species").values()).containsExactly(2);
        assertThat(table.column("bill").type()).isEqualTo(CsvType.FLOAT);
        assertThat(table.imputed(training).column("island").values()).containsExactly(0); // Biscoe is most frequent
        Files.writeString(test, "species,island,bill,mass\nEmperor,Biscoe,1,2\n");
        assertThatThrownBy(() -> CsvTable.read(test, new CsvOptions(), training))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll(
                        "test.csv, line 2: the column 'species' (1)", "one of 'Adelie', 'Chinstrap'", "'Emperor'");
        Files.writeString(test, "species,bill,island,mass\nGentoo,1,Biscoe,2\n");
        assertThatThrownBy(() -> CsvTable.read(test, new CsvOptions(), training))
                .hasMessageContaining("should have the columns 'species', 'island'");
    }

    @Test
    void readsAFileThatIsPackedByGzip() throws IOException {
        Path packed = folder.resolve("data.csv.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
            out.write(PENGUINS.getBytes(StandardCharsets.UTF_8));
        }
        CsvTable table = CsvTable.read(packed);
        CsvTable plain = CsvTable.read(write(PENGUINS));
        assertThat(table.rows()).isEqualTo(plain.rows());
        assertThat(table.column("species").categories())
                .isEqualTo(plain.column("species").categories());

        byte[] bytes = Files.readAllBytes(packed);
        for (int length : new int[] {5, bytes.length / 2}) { // within the header, and after it
            Files.write(packed, Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> CsvTable.read(packed))
                    .isInstanceOf(DataException.class)
                    .hasMessageContainingAll("data.csv.gz ends early or is damaged", "get it again");
        }
    }

    @Test
    void readsOtherWaysOfWriting() throws IOException {
        Path file = folder.resolve("latin.csv");
        Files.write(file, "M\u00fcller;'1;2';7\nB\u00fcrger;-;8\n".getBytes(StandardCharsets.ISO_8859_1));
        CsvTable table = CsvTable.read(
                file,
                new CsvOptions()
                        .separator(';')
                        .quote('\'')
                        .header(false)
                        .charset(StandardCharsets.ISO_8859_1)
                        .missing("-")
                        .type("column 3", CsvType.CATEGORY));
        assertThat(table.column("column 1").categories()).containsExactly("B\u00fcrger", "M\u00fcller");
        assertThat(table.column("column 2").categories()).containsExactly("1;2");
        assertThat(table.column("column 2").missing()).isEqualTo(1);
        assertThat(table.column("column 3").categories()).containsExactly("7", "8");
        assertThatThrownBy(() -> CsvTable.read(file, new CsvOptions().separator(';')))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll("is not written in UTF-8", "CsvOptions.charset");
        assertThat(CsvTable.read(write("\uFEFFa,b\n1,2\n")).columns().get(0).name())
                .isEqualTo("a");
        assertThat(CsvTable.read(write("a\r\n10\r\n9\r\n"), new CsvOptions().type("a", CsvType.CATEGORY))
                        .column("a")
                        .categories())
                .containsExactly("9", "10");
    }

    @ParameterizedTest
    @CsvSource({
        "1, INTEGER", "-7, INTEGER", "+7, INTEGER", "9007199254740992, INTEGER", "1.0, FLOAT", "1e3, FLOAT",
        ".5, FLOAT", "5., FLOAT", "90071992547409930, FLOAT", "1f, CATEGORY", "0x1p3, CATEGORY", "Infinity, CATEGORY",
        "1e999, CATEGORY", "12:30, CATEGORY", "1_000, CATEGORY", "-, CATEGORY"
    })
    void numbersAreThoseInDecimalNotation(String field, CsvType expected) throws IOException {
        assertThat(CsvTable.read(write("a\n" + field + "\n")).column("a").type())
                .isEqualTo(expected);
    }

    @Test
    void faultsAreToldByLineAndColumn() throws IOException {
        assertThatThrownBy(() -> CsvTable.read(write("a,b\n1,2\n3\n")))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll("data.csv, line 3 should have 2 fields", "has 1", "','");
        String numbers = "x\n" + "1.5\n".repeat(20) + "oops\n";
        assertThatThrownBy(() -> CsvTable.read(write(numbers)))
                .hasMessageContainingAll(
                        "line 22: the column 'x' (1) should be a finite number, as most are", "'oops'");
        assertThat(CsvTable.read(write(numbers), new CsvOptions().type("x", CsvType.CATEGORY))
                        .column("x")
                        .categories())
                .containsExactly("1.5", "oops");
        assertThat(CsvTable.read(write("x\n1\n2\nthree\n")).column("x").type()).isEqualTo(CsvType.CATEGORY);
        assertThatThrownBy(() -> CsvTable.read(write("x\n1.5\n"), new CsvOptions().type("x", CsvType.INTEGER)))
                .hasMessageContainingAll("line 2", "a whole number of at most 2^53, as its type says", "'1.5'");
        assertThatThrownBy(() -> CsvTable.read(write("x,x\n1,2\n")))
                .hasMessageContaining("two columns have the name 'x'");
        assertThatThrownBy(() -> CsvTable.read(write("x\n"))).hasMessageContaining("at least 1 row after its header");
        assertThatThrownBy(() -> CsvTable.read(write(""))).hasMessageContaining("at least 1 row");
        assertThatThrownBy(() -> CsvTable.read(folder.resolve("none.csv"))).hasMessageContaining("There is no file");
        assertThatThrownBy(() -> CsvTable.read(write("x\n1\n"), new CsvOptions().type("y", CsvType.FLOAT)))
                .hasMessageContainingAll("type for the column 'y'", "'x'");
        assertThatThrownBy(() -> CsvTable.read(write("x,y\n1,\n")).withoutMissing())
                .hasMessageContaining("no row with a value in every column");
        assertThatThrownBy(() -> new CsvOptions().separator('"')).hasMessageContaining("that differ");
    }

    @Test
    void aColumnThatNamesRowsIsNamedWhereItsInputsDoNotFit(@TempDir Path folder) throws IOException {
        StringBuilder text = new StringBuilder("id,size,price\n");
        long rows = (long) Math.sqrt(Runtime.getRuntime().maxMemory() / 4.0 / Float.BYTES) + 1;
        for (long i = 0; i < rows; i++) {
            text.append("house")
                    .append(i)
                    .append(',')
                    .append(i % 7)
                    .append(',')
                    .append(i)
                    .append('\n');
        }
        CsvTable table = CsvTable.read(Files.writeString(folder.resolve("ids.csv"), text));
        assertThatThrownBy(() -> table.dataset("price"))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll(
                        "The column 'id' has " + String.format(Locale.ROOT, "%,d", rows) + " categories",
                        "leave it out");
        assertThat(table.dataset(List.of("size"), "price").size()).isEqualTo(rows);
    }
}
