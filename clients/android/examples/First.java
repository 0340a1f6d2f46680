// SPDX-License-Identifier: Apache-2.0
// First: founds a district on this device, writes, and counts. No network needed.
import dev.trellis.core.Replica;
import java.util.List;
import java.util.Map;

public class First {
    public static void main(String[] arguments) {
        // In memory; a file: .file(path, DatabaseKey.of(path, yourKeyWrap)).
        try (Replica db = Replica.open(new Replica.Options())) {
            // The sheets that bring the organisation back: print them, and lock them away.
            List<?> sheets = (List<?>) db.call("org_create",
                    Map.of("name", "District", "url", "wss://relay.example.org/sync"))
                    .get("recovery");
            System.out.println(sheets.size() + " recovery sheets");
            String space = (String) db.call("space_create", Map.of("name", "School")).get("space");
            db.put(space, "check_in", Map.of("method", "phone")); // saved when it returns
            for (Map<String, Object> row : db.query(
                    "SELECT method, count(*) AS n FROM check_in GROUP BY method")) {
                System.out.println(row.get("method") + " " + row.get("n"));
            }
        }
    }
}
