// Everything is defined: begin.

watchCatalog();
