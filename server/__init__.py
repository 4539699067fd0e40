"""dAmtshilfe: exchange of Vollstreckungshilfeersuchen between German authorities."""
