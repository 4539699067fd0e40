"""The demo: three Mandanten, a small directory of real places, an Ersuchen of invented people."""
